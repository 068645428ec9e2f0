/** Runs, verifications and disputes over data in files are those over data in memory, bit by bit. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadBackend } from '../../src/backends/registry.js';
import { fromHex, toHex } from '../../src/commitments/hash.js';
import { isInMemory } from '../../src/commitments/word-source.js';
import { rulesOf } from '../../src/game/execution.js';
import { decideOpening } from '../../src/game/opening.js';
import { type RunExecution, runExecution } from '../../src/game/run-execution.js';
import { genesisStart, ownStarts } from '../../src/game/run-starts.js';
import type { Bundle } from '../../src/job/bundle.js';
import { readBundle, writeBundle } from '../../src/job/bundle-folder.js';
import { executeStep } from '../../src/program/execute-step.js';
import { proveStep, type StepProof } from '../../src/program/step-proof.js';
import type { Fault } from '../../src/run/fault.js';
import { runPaths } from '../../src/run/run-folder.js';
import { type TrainResult, train } from '../../src/run/train.js';
import { compareRuns } from '../../src/verify/compare-runs.js';
import { type LoadedRun, loadRun } from '../../src/verify/load-run.js';
import { verifyRun } from '../../src/verify/verify-run.js';
import { errorOf } from '../data/helpers.js';
import { BOND, CLOCK, opened, player, playOut } from '../game/support/play.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';
import { compileBoth } from './support/large-job.js';

const folder = temporaryFolder();
const SHAPE = { dtype: 'u8', rows: 11, width: 5, batchSize: 4, steps: 6 } as const;
const open: RunExecution[] = [];
let bundles: Readonly<Record<'inFile' | 'loaded', Bundle>>;

beforeAll(async () => {
  const path = folder.path('job');
  mkdirSync(path);
  bundles = await compileBoth(path, SHAPE);
});
afterAll(() => Promise.all(open.map((each) => each.dispose())));

async function trained(
  bundle: Bundle,
  fault: Fault | null = null,
  threads = 1,
): Promise<{ directory: string; result: TrainResult }> {
  const directory = folder.path('run');
  const backend = await loadBackend('wasm');
  const result = await train({ bundle, directory, backend, threads, keep: 'all', fault, version: 'test' });
  return { directory, result };
}

/** A run whose job stays in its file. */
async function opens(directory: string): Promise<LoadedRun> {
  const job = await readBundle(runPaths.job(directory), 0);
  expect(job.constants.map(isInMemory)).toContain(false);
  return loadRun(directory, job);
}

async function execution(bundle: Bundle, fault: Fault | null = null, starts = [genesisStart(bundle)]) {
  const made = await runExecution({ bundle, starts, fault, backend: await loadBackend('wasm'), threads: 1 });
  open.push(made);
  return made;
}

/** The operator that copies the rows of a batch out of the data. */
function gatherOf({ program }: Bundle): number {
  return program.operators.findIndex(({ slots }) =>
    slots.some(({ kind, index }) => kind === 'constant' && index === 0),
  );
}

describe('a bundle whose features are in a file', () => {
  test('is written with the same bytes, and read back from any place', async () => {
    const paths = { inFile: folder.path('bundle'), loaded: folder.path('bundle') };
    for (const name of ['inFile', 'loaded'] as const) await writeBundle(bundles[name], paths[name]);
    const [a, b] = Object.values(paths).map((path) => readFileSync(join(path, 'constants.safetensors')));
    expect(Buffer.compare(a!, b!)).toBe(0);
    for (const mapAbove of [0, 40, Number.POSITIVE_INFINITY]) {
      expect((await readBundle(paths.inFile, mapAbove)).hashes).toEqual(bundles.loaded.hashes);
    }
  });

  test('is refused where a bit of the file differs', async () => {
    const path = folder.path('bundle');
    await writeBundle(bundles.inFile, path);
    const file = join(path, 'constants.safetensors');
    const bytes = readFileSync(file);
    bytes[bytes.length - 20]! ^= 1;
    writeFileSync(file, bytes);
    expect(await errorOf(readBundle(path, 0))).toMatchObject({ code: 'job.hash-mismatch' });
  });
});

describe('a run over data in a file', () => {
  test.each([1, 2])('with %i threads has the trace of a run over data in memory, and verifies', async (threads) => {
    const [streamed, whole] = [await trained(bundles.inFile, null, threads), await trained(bundles.loaded)];
    expect(streamed.result.checkpoints).toEqual(whole.result.checkpoints);
    expect(streamed.result.traceRoot).toBe(whole.result.traceRoot);
    expect(streamed.result.results).toEqual(whole.result.results);
    const run = await opens(streamed.directory);
    for (const name of ['wasm', 'reference']) {
      const report = await verifyRun({ run, intervals: [0, 1, 2], backend: await loadBackend(name), threads });
      expect(report).toMatchObject({ verdict: 'verified' });
    }
  });

  test('is compared with an honest one down to the element of a batch', async () => {
    const fault = { step: 3, operator: gatherOf(bundles.inFile), element: 7, bit: 22 };
    const [honest, faulty] = [await trained(bundles.inFile), await trained(bundles.inFile, fault)];
    const [run, against] = [await opens(faulty.directory), await opens(honest.directory)];
    const backend = await loadBackend('wasm');
    const { divergence } = await verifyRun({ run, intervals: [0, 1, 2], backend, threads: 1 });
    expect(divergence).toMatchObject({ checkpoint: 2 });
    const found = await compareRuns({ run, against, backend, threads: 1 });
    expect(found).toMatchObject({ step: 3, operator: { index: fault.operator }, wrongRun: 'run' });
  });

  test('falls to a proof where it has a fault in a batch', async () => {
    const bundle = bundles.inFile;
    const fault = { step: 4, operator: gatherOf(bundle), element: 2, bit: 9 };
    const { directory, result } = await trained(bundle, fault);
    const run = await opens(directory);
    const rules = rulesOf(bundle, CLOCK);
    const roots = { traceRoot: fromHex(result.traceRoot!), finalRoot: fromHex(result.finalStateRoot!) };
    const claim = { ...roots, until: 1000, status: 'live', minimumBond: BOND } as const;
    const mine = await execution(bundle);
    const decision = await decideOpening({ rules, claim, leaves: run.leaves, from: 0, replays: [mine, mine] });
    if (decision.do !== 'open') throw new Error(decision.why);
    const solver = player('solver', await execution(bundle, fault, ownStarts(run)));
    const played = await playOut(opened({ rules, claim }, decision.opening), {
      solver,
      challenger: player('challenger', mine),
    });
    expect(played.game).toMatchObject({ status: 'claim-fell', ending: 'proved' });
    expect(played.game.context).toMatchObject({ step: fault.step, k: fault.operator, elem: fault.element });
  });
});

test('every instruction that makes an element of a batch is proven with the same bytes', async () => {
  const operator = gatherOf(bundles.inFile);
  const place = { step: 2, operator, element: 13 };
  const proofs: StepProof[][] = [];
  for (const bundle of [bundles.inFile, bundles.loaded]) {
    const side = await execution(bundle);
    const states = await side.elementStates(place);
    const hashes = {
      temporaries: await side.temporaryHashes(place.step),
      states: await side.stateHashes(place.step),
      constants: bundle.hashes.constants,
    };
    const operands = await side.operandsOf(place);
    const { program } = bundle;
    proofs.push(
      Array.from({ length: states.count }, (_, at) => {
        const proof = proveStep({ program, operator, operands, hashes, before: states.stateAt(at) });
        expect(executeStep(proof)).toMatchObject({ refusal: null, nextHash: states.hashesAt([at + 1])[0] });
        return proof;
      }),
    );
  }
  expect(proofs[0]).toEqual(proofs[1]);
  const features = bundles.inFile.hashes.constants[0];
  // One load of the row's number, and one of the data.
  expect(proofs[0]!.filter(({ operand }) => toHex(operand.tensor) === toHex(features!))).toHaveLength(1);
});
