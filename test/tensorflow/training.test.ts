import { readFileSync, rmSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Executor } from '../../src/backends/backend.js';
import { loadBackend } from '../../src/backends/registry.js';
import { bitsOf, CANONICAL_NAN, isForeignNaN, valueOf } from '../../src/numerics/float32.js';
import { checkpointPath } from '../../src/run/checkpoint.js';
import { readRunManifest } from '../../src/run/run-folder.js';
import type { TrainResult } from '../../src/run/train.js';
import { readTrainedState } from '../../src/run/trained-state.js';
import { CLOSE_WITHIN } from '../../src/verify/judge-distance.js';
import { loadRun } from '../../src/verify/load-run.js';
import { verifyRun } from '../../src/verify/verify-run.js';
import { writeJob } from '../e2e/support/jobs.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';
import { altering, compare, trainWithTfjs } from './support/training.js';

const folder = temporaryFolder();
let job = '';
let run = '';
let result: TrainResult;

beforeAll(async () => {
  job = writeJob(folder.path('job.json'));
  run = folder.path('run');
  result = await trainWithTfjs(job, run);
});

describe('a run of the tensorflow backend', () => {
  test('is marked, with the machine that its bits hang on', async () => {
    expect(result).toMatchObject({ backend: 'tensorflow', canonical: false, steps: 40 });
    const manifest = await readRunManifest(run);
    expect(manifest).toMatchObject({
      backend: 'tensorflow',
      canonical: false,
      machine: {
        package: '@tensorflow/tfjs-backend-cpu',
        version: '4.22.0',
        backend: 'cpu',
        tensorflow: null,
        switches: { TF_DETERMINISTIC_OPS: '1', TF_CUDNN_DETERMINISTIC: '1' },
      },
    });
    expect(manifest.machine).toEqual(result.machine);
  });

  test('repeats its bits on the same machine', async () => {
    const again = await trainWithTfjs(job, folder.path('run'));
    expect(again.traceRoot).toBe(result.traceRoot);
    expect(again.checkpoints).toEqual(result.checkpoints);
  });

  test('is close to the canonical replay in every interval, and has other bits', async () => {
    const report = await compare(run);
    expect(report).toMatchObject({ verdict: 'close', canonical: false, startsAtGenesis: true, inconclusive: [] });
    expect(report.checked).toEqual({ intervals: 5, of: 5, list: [0, 1, 2, 3, 4] });
    for (const { distance } of report.intervals) expect(Number(distance)).toBeLessThan(CLOSE_WITHIN / 100);
    const [loaded, backend] = [await loadRun(run), await loadBackend('wasm')];
    expect((await verifyRun({ run: loaded, intervals: [0], backend, threads: 1 })).verdict).toBe('diverged');
  });

  test('learns the same: losses and accuracy of the canonical run within rounding', async () => {
    const { train } = await import('../../src/run/train.js');
    const { compileJobFile } = await import('../../src/job/compile.js');
    const backend = await loadBackend('wasm');
    const { bundle } = await compileJobFile(job, {}, backend);
    const rest = { threads: 1, keep: 'all', fault: null, version: 'test' } as const;
    const canonical = await train({ bundle, directory: folder.path('canonical'), backend, ...rest });
    expect(Number(result.loss!.value)).toBeCloseTo(Number(canonical.loss!.value), 4);
    expect(result.evaluation!.accuracy).toBe(canonical.evaluation!.accuracy);
  });

  test('goes on only on the machine that began it', async () => {
    const other = trainWithTfjs(job, run, { package: '@tensorflow/tfjs-backend-wasm' });
    await expect(other).rejects.toMatchObject({ code: 'run.other-options' });
  });

  test('with an edited machine is refused before it reaches a terminal', async () => {
    const { parseRunManifest } = await import('../../src/run/run-manifest.js');
    const manifest = JSON.parse(readFileSync(`${run}/run.json`, 'utf8'));
    manifest.machine.device = 'a\u001b[2Jb';
    expect(() => parseRunManifest(manifest, 'run.json')).toThrow(/control character/);
  });
});

describe('what a comparison finds', () => {
  /** Adds to the first weight before training step 20, which lies in interval 2. */
  const cheat = (share: number) => (executor: Executor) =>
    altering(executor, 20, ([first]) => {
      const numbers = Array.from(first!, valueOf);
      const norm = Math.hypot(...numbers);
      first![0] = bitsOf(Math.fround(numbers[0]! + share * norm));
    });

  test.each([10 * CLOSE_WITHIN, 100 * CLOSE_WITHIN])(
    'a weight moved by %d of the norm is far, in its interval',
    async (share) => {
      const altered = folder.path('run');
      await trainWithTfjs(job, altered, { cheat: cheat(share) });
      const report = await compare(altered);
      expect(report.verdict).toBe('far');
      expect(report.intervals.filter(({ close }) => !close).map(({ interval }) => interval)).toEqual([2]);
    },
  );

  test('a missing checkpoint leaves both of its intervals open, and the others are compared', async () => {
    const thinned = folder.path('run');
    await trainWithTfjs(job, thinned);
    rmSync(checkpointPath(thinned, 16));
    const report = await compare(thinned);
    expect(report.verdict).toBe('inconclusive');
    expect(report.inconclusive.map(({ interval }) => interval)).toEqual([1, 2]);
    expect(report.checked.list).toEqual([0, 3, 4]);
  });

  test('another genesis is far, whatever follows', async () => {
    const other = writeJob(folder.path('job.json'), { seed: 1234 });
    const moved = folder.path('run');
    await trainWithTfjs(other, moved);
    const loaded = await loadRun(moved);
    const { leaves } = await loadRun(run);
    const { compareByDistance } = await import('../../src/verify/compare-by-distance.js');
    const asked = { run: { ...loaded, leaves: leaves.with(0, leaves[1]!) }, intervals: [], threads: 1 };
    const report = await compareByDistance({ ...asked, backend: await loadBackend('wasm') });
    expect(report).toMatchObject({ verdict: 'far', startsAtGenesis: false });
  });
});

test('a training that diverges stays readable: its NaN is the one that may be stored', async () => {
  const directory = folder.path('run');
  const model = { layers: [{ className: 'Dense', config: { units: 3 } }] };
  const job = writeJob(folder.path('job.json'), { steps: 16, learningRate: 3e38, model });
  const lost = await trainWithTfjs(job, directory);
  expect(lost.divergedAtStep).not.toBeNull();
  const { checkpoint } = await readTrainedState(directory);
  const words = checkpoint.state.flatMap((tensor) => Array.from(tensor));
  expect(words).toContain(CANONICAL_NAN);
  expect(words.filter(isForeignNaN)).toEqual([]);
  expect((await compare(directory, [1])).checked.intervals).toBe(1);
});

describe('every kind of step', () => {
  const layers = [
    { className: 'Dense', config: { units: 12, activation: 'relu' } },
    { className: 'BatchNormalization' },
    { className: 'Dropout', config: { rate: 0.4 } },
    { className: 'GaussianNoise', config: { stddev: 0.1 } },
    { className: 'Dense', config: { units: 3 } },
  ];

  test.each(['@tensorflow/tfjs-backend-cpu', '@tensorflow/tfjs-backend-wasm'] as const)(
    'gets the rows, rates and draws of the program on %s',
    async (name) => {
      const change = { steps: 16, optimizer: { name: 'adam' }, model: { layers } };
      const directory = folder.path('run');
      await trainWithTfjs(writeJob(folder.path('job.json'), change), directory, { package: name });
      const report = await compare(directory);
      // The bias in front of the normalisation has no gradient but rounding. Adam makes steps of it, and the mean follows.
      const left = report.intervals.flatMap(({ rounding }) => rounding);
      expect(left.filter((tensor) => !/\/(?:bias|moving_mean)$/.test(tensor))).toEqual([]);
      expect(report).toMatchObject({ verdict: 'close', inconclusive: [] });
    },
  );
});
