import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { compareRun } from '../../scripts/contracts/differential.js';
import { type Contracts, startContracts } from '../../scripts/contracts/harness.js';
import { DEFAULT_BACKEND, loadBackend } from '../../src/backends/registry.js';
import { inMemory } from '../../src/commitments/word-source.js';
import { outputWords } from '../../src/expr/operator.js';
import type { Bundle } from '../../src/job/bundle.js';
import { compileJobFile } from '../../src/job/compile.js';
import { compileMicrocode } from '../../src/referee/compile-microcode.js';
import { createMachine, runMachine, startState } from '../../src/referee/machine.js';
import { createRandom } from '../referee/random-operators.js';
import { inOrder, nextStateHash } from './step-fixture.js';
import { firstStep, operandsOf, proveInstruction, type Tensors } from './training-step.js';

let contracts: Contracts;
let bundle: Bundle;
let tensors: Tensors;
beforeAll(async () => {
  contracts = await startContracts();
  ({ bundle } = await compileJobFile('fixtures/jobs/iris.json', {}, await loadBackend(DEFAULT_BACKEND)));
  tensors = firstStep(bundle);
});
afterAll(async () => {
  await contracts.stop();
});

/** The first operator of each definition. */
function positions(): number[] {
  const definitions = bundle.program.operators.map(({ operator }) => operator);
  return [...new Set(definitions)].map((definition) => definitions.indexOf(definition));
}

describe('a training step of a real job', () => {
  test('runs in the contract as it runs here: every operator, after every instruction', async () => {
    const random = createRandom(4);
    expect(positions().length).toBeGreaterThan(10);
    for (const position of positions()) {
      const operator = bundle.program.operators[position]!;
      const { code, instructions } = compileMicrocode(operator.operator);
      const operands = operandsOf(tensors, operator);
      const start = startState(random.below(outputWords(operator.operator)), 0);
      const run = { code, operands, start, count: Math.min(instructions, 400) };
      expect(await compareRun(contracts, run)).toBeUndefined();
    }
  });

  test('is decided by the referee, instruction by instruction, from what the job hash binds', async () => {
    const random = createRandom(9);
    for (const position of positions()) {
      const operator = bundle.program.operators[position]!;
      const { code, instructions } = compileMicrocode(operator.operator);
      const machine = createMachine(code, operandsOf(tensors, operator));
      const state = startState(random.below(outputWords(operator.operator)), 0);
      for (let step = 0; step < Math.min(instructions, 12); step++) {
        const proof = proveInstruction(bundle, tensors, position, code, state);
        const expected = nextStateHash(code, machine.operands.map(inMemory), state);
        expect(await contracts.referee('executeStep', inOrder(proof))).toBe(expected);
        runMachine(machine, state, 1);
      }
    }
  });
});
