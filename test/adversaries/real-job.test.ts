/** A real training job: runs of another job claimed for it, and a fault in every kind of operator that it has. */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadBackend } from '../../src/backends/registry.js';
import { equalHashes } from '../../src/commitments/hash.js';
import { inMemory } from '../../src/commitments/word-source.js';
import { outputWords } from '../../src/expr/operator.js';
import type { Execution } from '../../src/game/execution.js';
import { type RunExecution, runExecution } from '../../src/game/run-execution.js';
import { genesisStart } from '../../src/game/run-starts.js';
import { type Bundle, resealBundle, sealBundle } from '../../src/job/bundle.js';
import { compileJob } from '../../src/job/compile.js';
import { readJobFile } from '../../src/job/job-file.js';
import type { JobFile } from '../../src/job/job-schema.js';
import type { Fault } from '../../src/run/fault.js';
import { claimOf, player } from '../game/support/play.js';
import { seeded } from '../game/support/random.js';
import { randomChallenger, randomOpening } from '../game/support/random-challenger.js';
import { fixturePath } from '../job/fixture-path.js';
import { type Arena, startArena } from './support/arena.js';
import { settleAll } from './support/settle.js';
import { CLOCK, openTable, playOnChain, REWARD, stage } from './support/stage.js';
import { boundOf, GAS_BOUND, lossOfLiar, payments, type Told, tell } from './support/story.js';

const [STEPS, EVERY] = [40, 8];
const open: RunExecution[] = [];
let arena: Arena;
let job: JobFile;
let bundle: Bundle;
let replays: readonly [Execution, Execution];

async function compiled(changes: Partial<JobFile> = {}): Promise<Bundle> {
  const whole = await compileJob({ ...job, ...changes }, await loadBackend('reference'));
  return resealBundle(whole.bundle, { steps: STEPS, checkpointEvery: EVERY });
}

async function execution(of: Bundle, fault: Fault | null = null, backend = 'wasm'): Promise<Execution> {
  const starts = [genesisStart(of)];
  const made = await runExecution({ bundle: of, starts, fault, backend: await loadBackend(backend), threads: 1 });
  open.push(made);
  return made;
}

/** What somebody says who ran another job and claims it for this one. */
async function instead(other: Bundle): Promise<Execution> {
  return { ...(await execution(other)), bundle };
}

beforeAll(async () => {
  arena = await startArena();
  job = await readJobFile(fixturePath('jobs/iris.json'));
  bundle = await compiled();
  replays = [await execution(bundle), await execution(bundle, null, 'reference')];
});
afterAll(async () => {
  await Promise.all(open.map((each) => each.dispose()));
  await arena.stop();
});

function expectCaught(told: Told): void {
  const { game, moves, gas } = told.table;
  expect(game.status).toBe('claim-fell');
  expect(payments(told)).toEqual(lossOfLiar(told));
  const bound = boundOf(bundle);
  expect(moves.solver).toBeLessThanOrEqual(bound.solver);
  expect(moves.challenger).toBeLessThanOrEqual(bound.challenger);
  expect(gas).toBeLessThanOrEqual(GAS_BOUND);
}

function altered(tensors: Bundle['genesis'], at: number): Bundle['genesis'] {
  const words = Uint32Array.from(tensors[at]!);
  words[words.length - 1]! ^= 1;
  return [...tensors.slice(0, at), words, ...tensors.slice(at + 1)];
}

const OTHER_JOBS: readonly [name: string, make: () => Promise<Bundle>][] = [
  ['another seed', () => compiled({ seed: 8 })],
  ['another learning rate', () => compiled({ learningRate: 0.04 })],
  ['another genesis state', async () => sealBundle({ ...bundle, genesis: altered(bundle.genesis, 0) })],
  [
    'one row of the data altered',
    async () => sealBundle({ ...bundle, constants: altered(bundle.constants.map(inMemory), 0) }),
  ],
];

describe('a solver of the Iris job who ran it with', () => {
  test.each(OTHER_JOBS)('%s is caught', async (_, make) => {
    const other = await make();
    expect(other.hashes.job).not.toEqual(bundle.hashes.job);
    expectCaught(await tell(arena, await instead(other), { replays, hasTrace: true }));
  });
});

/** The operators by kind, operands and whether they fold, so that every shape of microcode is disputed on the chain. */
function operatorsByKind(): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const [k, { operator }] of bundle.program.operators.entries()) {
    const key = `${operator.kind}, ${operator.operands.length} operands, ${operator.reduction.length} axes folded`;
    found.set(key, [...(found.get(key) ?? []), k]);
  }
  return found;
}

const faultIn = (operator: number): Fault => {
  const element = outputWords(bundle.program.operators[operator]!.operator) - 1;
  return { step: 17, operator, element, bit: 30 };
};

/** The first of these faults that changes any state: an operator that only reports metrics changes none. */
async function firstThatMatters(operators: readonly number[]) {
  const { leaves } = await claimOf(replays[0]);
  for (const operator of operators) {
    const liar = await execution(bundle, faultIn(operator));
    const lies = (await claimOf(liar)).leaves;
    if (lies.some((root, leaf) => !equalHashes(root, leaves[leaf]!))) return { operator, liar };
  }
  return null;
}

describe('a solver of the Iris job with a fault', () => {
  test('in any kind of operator is convicted at that element by one instruction', async () => {
    let convicted = 0;
    for (const operators of operatorsByKind().values()) {
      const found = await firstThatMatters(operators);
      if (found === null) continue;
      const { operator: k, liar } = found;
      const told = await tell(arena, liar, { replays, hasTrace: convicted++ % 2 === 0 });
      expectCaught(told);
      const { step, element: elem } = faultIn(k);
      expect(told.table.game).toMatchObject({ ending: 'proved', context: { step, k, elem } });
    }
    expect(convicted).toBeGreaterThanOrEqual(6);
  });
});

describe('an honest solver of the Iris job', () => {
  test('wins against challengers without a case, and has their bonds', async () => {
    const claimed = await claimOf(replays[0], CLOCK);
    const staged = await stage(arena, claimed);
    const tables = [];
    for (const seed of [1, 2, 3]) {
      const random = seeded(seed);
      const table = await openTable(arena, staged, randomOpening(claimed, random));
      tables.push(table);
      await playOnChain(arena, table, { solver: player('solver', replays[0]), challenger: randomChallenger(random) });
      expect(table.game).toMatchObject({ status: 'challenger-lost', ending: 'proved' });
    }
    const { paid } = await settleAll(arena, [staged], tables);
    const won = tables.reduce((sum, { bond }) => sum + bond, 0n);
    expect(paid.get('solver')).toBe(staged.solverBond + REWARD + won);
    expect(paid.get('challenger')).toBeUndefined();
  });
});
