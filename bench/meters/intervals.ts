import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { prepareExecutor } from '../../src/backends/streamed-executor.js';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import { toHex } from '../../src/commitments/hash.js';
import { compileJobFile } from '../../src/job/compile.js';
import { checkpointOf, writeCheckpoint } from '../../src/run/checkpoint.js';
import { type Meter, type MeterOptions, numberOption } from '../meter.js';
import { fixturePath } from '../repository.js';

/** Intervals in a sample, so that writing one checkpoint meets the computing of the next. */
const INTERVALS = 4;

/**
 * Milliseconds for a few checkpoint intervals of the fixture job, `bare` or `with-checkpoints`. A checkpoint is hashed,
 * copied and written as the training loop does it: its file is on its way while the next interval runs.
 * Options: `threads`, `every`.
 */
export async function startIntervalMeter(options: MeterOptions): Promise<Meter> {
  const every = numberOption(options, 'every');
  const { bundle } = await compileJobFile(fixturePath('jobs/fashion-mlp.json'), {}, wasmBackend);
  const { program, constants, genesis, steps, hashes } = bundle;
  const executor = await prepareExecutor(wasmBackend, program, constants, {
    threads: numberOption(options, 'threads'),
  });
  await executor.writeState(genesis);
  const folder = await mkdtemp(join(tmpdir(), 'gensyn-bench-'));
  const jobHash = toHex(hashes.job);
  let step = 0;
  let writing = Promise.resolve();

  const interval = async (): Promise<void> => {
    if (step + every > steps) step = 0;
    await executor.run(step, every);
    step += every;
  };
  const checkpoint = async (): Promise<void> => {
    await writing;
    const tensorHashes = await executor.hashState();
    const state = await executor.readState();
    const path = join(folder, `step-${step}.safetensors`);
    writing = writeCheckpoint(path, program, jobHash, checkpointOf(step, state, tensorHashes));
  };
  return {
    sample: async (what) => {
      const began = performance.now();
      for (let done = 0; done < INTERVALS; done++) {
        await interval();
        if (what === 'with-checkpoints') await checkpoint();
      }
      await writing;
      return performance.now() - began;
    },
    close: async () => {
      await executor.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
