import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import { compileJobFile } from '../../src/job/compile.js';
import { train } from '../../src/run/train.js';
import { loadRun } from '../../src/verify/load-run.js';
import { allIntervals } from '../../src/verify/sampling.js';
import { verifyRun } from '../../src/verify/verify-run.js';
import { type Meter, type MeterOptions, numberOption } from '../meter.js';
import { fixturePath } from '../repository.js';

/**
 * Milliseconds for a whole training of the fixture job (`train`) and for verifying all of it (`verify`), in a process
 * that is already up. Options: `threads`, `steps`.
 */
export async function startRunMeter(options: MeterOptions): Promise<Meter> {
  const [threads, steps] = [numberOption(options, 'threads'), numberOption(options, 'steps')];
  const { bundle } = await compileJobFile(fixturePath('jobs/fashion-mlp.json'), { steps }, wasmBackend);
  const folder = await mkdtemp(join(tmpdir(), 'gensyn-bench-'));
  const directory = join(folder, 'run');

  const trainAnew = async (): Promise<void> => {
    await rm(directory, { recursive: true, force: true });
    await train({ bundle, directory, backend: wasmBackend, threads, keep: 'all', fault: null, version: 'bench' });
  };
  const verifyTrained = async (): Promise<void> => {
    const run = await loadRun(directory);
    const intervals = allIntervals(run.leaves.length - 1);
    const { verdict } = await verifyRun({ run, intervals, backend: wasmBackend, threads });
    if (verdict !== 'verified') throw new Error(`an honest run was judged ${verdict}`);
  };
  return {
    sample: async (what) => {
      const began = performance.now();
      await (what === 'train' ? trainAnew() : verifyTrained());
      return performance.now() - began;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
