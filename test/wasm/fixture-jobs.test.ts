import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Words } from '../../src/backends/backend.js';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import { inMemory } from '../../src/commitments/word-source.js';
import { prepare } from '../../src/expr/evaluate.js';
import { type Operator, product } from '../../src/expr/operator.js';
import type { Bundle } from '../../src/job/bundle.js';
import { compileJobFile } from '../../src/job/compile.js';
import { fixturePath } from '../job/fixture-path.js';

/** Nodes of an operator that the definition is asked to compute: a whole job would take it minutes. */
const NODES = 15_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gensyn-wasm-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A fixture job with batches of two and two training steps, without its test data. */
async function smallJob(name: string): Promise<Bundle> {
  const path = fixturePath(`jobs/${name}.json`);
  const { data, ...job } = JSON.parse(readFileSync(path, 'utf8'), (key, value) =>
    key === 'file' || key === 'module' ? resolve(dirname(path), value) : key === 'warmupSteps' ? 1 : value,
  );
  const { test: _, ...training } = data;
  const copy = join(folder, `${name}.json`);
  writeFileSync(copy, JSON.stringify({ ...job, data: training, batchSize: 2, steps: 2, checkpointEvery: 1 }));
  return (await compileJobFile(copy, {}, wasmBackend)).bundle;
}

/** The elements that are compared: evenly spread, with the first and the last, or all where they are few. */
function sampled({ domain, reduction, body }: Operator): number[] {
  const words = product(domain);
  const cost = body.nodes.length * Math.max(1, product(reduction));
  const count = Math.min(words, Math.max(3, Math.floor(NODES / cost)));
  return Array.from({ length: count }, (_, at) => Math.floor((at * (words - 1)) / Math.max(1, count - 1)));
}

/** The operators of a training step whose output is not the definition's, and the state and results after it. */
async function observe(bundle: Bundle, threads: number, step: number): Promise<unknown[]> {
  const { program, genesis } = bundle;
  const constants = bundle.constants.map(inMemory);
  const executor = await wasmBackend.prepare(program, constants, { threads });
  const outputs: Words[] = [];
  const wrong: string[] = [];
  await executor.writeState(genesis);
  const results = await executor.runObserved(step, (at, output) => {
    const { operator, slots, label } = program.operators[at]!;
    const operands = slots.map(
      ({ kind, index }) => ({ temporary: outputs, state: genesis, constant: constants })[kind][index]!,
    );
    const evaluate = prepare(operator);
    const isWrong = sampled(operator).some((element) => evaluate(operands, element, step) !== output[element]);
    if (isWrong) wrong.push(`operator ${at} (${operator.kind}, ${label})`);
    outputs.push(output.slice());
  });
  const state = await executor.readState();
  await executor.dispose();
  expect(wrong).toEqual([]);
  return [results, state];
}

/** The same training step at once, where operators run together or not at all, and the hashes after the next one. */
async function run({ program, constants, genesis }: Bundle, threads: number, step: number): Promise<unknown[][]> {
  const executor = await wasmBackend.prepare(program, constants.map(inMemory), { threads });
  await executor.writeState(genesis);
  const [results] = await executor.run(step, 1);
  const state = await executor.readState();
  await executor.run(step + 1, 1);
  const hashes = await executor.hashState();
  await executor.dispose();
  return [[results, state], hashes];
}

describe('the training steps of the fixture jobs', () => {
  test.each(['iris', 'char-lstm', 'char-transformer', 'fashion-cnn'])(
    'of %s have the definition’s words, observed or not, on any number of threads',
    async (name) => {
      const bundle = await smallJob(name);
      const observed = await observe(bundle, 2, 0);
      const outcomes = [];
      for (const threads of [1, 2, 3]) outcomes.push(await run(bundle, threads, 0));
      // The differences of large tensors would fill many screens.
      for (const [once, hashes] of outcomes) {
        expect(isDeepStrictEqual(once, observed)).toBe(true);
        expect(hashes).toEqual(outcomes[0]![1]);
      }
    },
  );
});
