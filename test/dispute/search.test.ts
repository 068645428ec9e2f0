/** What a verifier finds in a published run that is not all there, or whose claim contradicts itself. */
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { challengersExecution } from '../../commands/actions/dispute/player.js';
import { loadBackend } from '../../src/backends/registry.js';
import { searchClaim } from '../../src/chain/evidence-search.js';
import type { ChainGame } from '../../src/chain/games.js';
import { equalHashes, type Hash } from '../../src/commitments/hash.js';
import { stateRoot, traceRoot } from '../../src/commitments/roots.js';
import { runContext } from '../../src/game/context.js';
import type { GameRules } from '../../src/game/game.js';
import type { Claim } from '../../src/game/open-game.js';
import { runExecution } from '../../src/game/run-execution.js';
import { ownStarts } from '../../src/game/run-starts.js';
import { type Bundle, resealBundle } from '../../src/job/bundle.js';
import { compileJobFile } from '../../src/job/compile.js';
import { checkpointPath } from '../../src/run/checkpoint.js';
import type { Fault } from '../../src/run/fault.js';
import { train } from '../../src/run/train.js';
import { type LoadedRun, loadRun } from '../../src/verify/load-run.js';
import { fixturePath } from '../job/fixture-path.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';

const [STEPS, EVERY] = [40, 8];
/** In the third interval, of which the state before is leaf 2. */
const FAULT: Fault = { step: 19, operator: 0, element: 0, bit: 30 };
const folder = temporaryFolder();
const stage = {} as { bundle: Bundle; rules: GameRules };
const trained = { honest: '', cheat: '' };

beforeAll(async () => {
  const compiled = await compileJobFile(fixturePath('jobs/iris.json'), {}, await loadBackend('reference'));
  stage.bundle = resealBundle(compiled.bundle, { steps: STEPS, checkpointEvery: EVERY });
  const { hashes } = stage.bundle;
  stage.rules = {
    ...{ programHash: hashes.program, genesisRoot: hashes.genesisRoot, clock: 3600 },
    ...{ steps: STEPS, checkpointEvery: EVERY },
  };
  const options = { bundle: stage.bundle, backend: await loadBackend('wasm'), threads: 1, keep: 'all' } as const;
  const operator = stage.bundle.program.operators.findIndex((entry) => entry.operator.kind === 'matmul');
  for (const [name, fault] of [
    ['honest', null],
    ['cheat', { ...FAULT, operator }],
  ] as const) {
    trained[name] = folder.path(name);
    await train({ ...options, directory: trained[name], fault, version: 'test' });
  }
});

/** A copy of a run, as somebody else publishes it. */
async function published(name: keyof typeof trained): Promise<LoadedRun> {
  const copy = folder.path('published');
  cpSync(trained[name], copy, { recursive: true });
  return loadRun(copy, stage.bundle);
}

function claimOf({ leaves }: LoadedRun, finalRoot: Hash = leaves.at(-1)!): Claim {
  return { traceRoot: traceRoot(leaves), finalRoot, until: 1, status: 'live', minimumBond: 0n };
}

async function found(run: LoadedRun, claim: Claim, intervals?: readonly number[]) {
  const parameters = { ...stage, claim, run, backend: await loadBackend('wasm'), threads: 1 };
  return searchClaim(intervals === undefined ? parameters : { ...parameters, intervals });
}

describe('a run whose checkpoint before the lie is withheld', () => {
  test('is disputed, and the game can be played from the genesis', async () => {
    const run = await published('cheat');
    rmSync(checkpointPath(run.directory, 2 * EVERY));
    const claim = claimOf(run);
    const { verdict, opening } = await found(run, claim);
    expect([verdict, opening?.i, opening?.j]).toEqual(['diverged', 2, 3]);
    const context = runContext({ a: 2 * EVERY, n: EVERY, lo: run.leaves[2]!, hi: run.leaves[3]! });
    const game = { claim, game: { rules: stage.rules }, history: [{ context }] } as unknown as ChainGame;
    const execution = await challengersExecution(game, stage.bundle, run, { threads: 1 } as never);
    expect(execution).not.toBeNull();
    const [own] = await execution!.stateRootsAt([3 * EVERY]);
    expect(equalHashes(own!, run.leaves[3]!)).toBe(false);
    await execution!.dispose();
  });
});

describe('a claim whose final root is not the end of its trace', () => {
  test('is found out whatever interval is sampled', async () => {
    const run = await published('honest');
    const other = (await published('cheat')).leaves.at(-1)!;
    expect((await found(run, claimOf(run), [0])).verdict).toBe('verified');
    const odd = await found(run, claimOf(run, other), [0]);
    expect([odd.verdict, odd.opening?.i, odd.opening?.j]).toEqual(['diverged', STEPS / EVERY - 1, STEPS / EVERY]);
  });
});

describe('a solver with a damaged checkpoint', () => {
  test('replays from the one before it', async () => {
    const run = await published('honest');
    writeFileSync(checkpointPath(run.directory, 3 * EVERY), 'damaged');
    const common = { bundle: stage.bundle, fault: null, backend: await loadBackend('wasm'), threads: 1 };
    const execution = await runExecution({ ...common, starts: ownStarts(run) });
    const hashes = await execution.stateHashes(3 * EVERY + 2);
    const whole = await runExecution({ ...common, starts: ownStarts(run).slice(0, 1) });
    expect(equalHashes(stateRoot(hashes), stateRoot(await whole.stateHashes(3 * EVERY + 2)))).toBe(true);
    await Promise.all([execution.dispose(), whole.dispose()]);
  });

  test('is told of it where no other state is there to begin with', async () => {
    const run = await published('honest');
    writeFileSync(checkpointPath(run.directory, 3 * EVERY), 'damaged');
    const starts = ownStarts(run).filter(({ step }) => step === 3 * EVERY);
    const parameters = { bundle: stage.bundle, starts, fault: null, backend: await loadBackend('wasm'), threads: 1 };
    const execution = await runExecution(parameters);
    await expect(execution.stateRootsAt([4 * EVERY])).rejects.toMatchObject({ code: 'run.checkpoint-damaged' });
    await execution.dispose();
  });
});
