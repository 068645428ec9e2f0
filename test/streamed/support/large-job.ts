/** A job whose features are an npy file, to be left in the file or loaded. */
import { loadBackend } from '../../../src/backends/registry.js';
import type { Bundle } from '../../../src/job/bundle.js';
import { compileJob } from '../../../src/job/compile.js';
import { checkJobFile, withAbsolutePaths } from '../../../src/job/job-file.js';
import { npy, writeInto } from '../../data/helpers.js';
import { seeded } from '../../game/support/random.js';

export interface LargeJob {
  readonly dtype: 'f32' | 'u8';
  readonly rows: number;
  readonly width: number;
  readonly batchSize: number;
  readonly steps: number;
  readonly skip?: number;
  readonly limit?: number;
}

/** Writes the data of a job into a folder and compiles it twice: with its features in the file, and in memory. */
export async function compileBoth(folder: string, shape: LargeJob): Promise<{ inFile: Bundle; loaded: Bundle }> {
  const { dtype, rows, width, batchSize, steps, skip, limit } = shape;
  const random = seeded(rows * width);
  const numbers = Array.from({ length: rows * width }, () => random.below(256));
  const features = dtype === 'u8' ? Uint8Array.from(numbers) : bytesOf(Float32Array.from(numbers, (x) => x / 64 - 2));
  const labels = Uint8Array.from({ length: rows }, () => random.below(3));
  writeInto(folder, {
    'x.npy': npy(dtype === 'u8' ? '|u1' : '<f4', [rows, width], features),
    'y.npy': npy('|u1', [rows], labels),
  });
  const job = checkJobFile(
    {
      schema: 'gensyn.job/1',
      name: 'large',
      seed: 5,
      model: { layers: [{ className: 'Dense', config: { units: 3, name: 'classes' } }] },
      data: {
        train: {
          features: { file: 'x.npy' },
          labels: { file: 'y.npy', classes: 3 },
          ...(skip !== undefined && { skip }),
          ...(limit !== undefined && { limit }),
        },
      },
      loss: 'softmaxCrossEntropy',
      optimizer: { name: 'adam' },
      learningRate: 0.01,
      batchSize,
      steps,
      checkpointEvery: 2,
    },
    'job.json',
  );
  const [absolute, backend] = [withAbsolutePaths(job, folder), await loadBackend('reference')];
  const [inFile, loaded] = [
    await compileJob(absolute, backend, { mapAbove: 0 }),
    await compileJob(absolute, backend, { mapAbove: Number.POSITIVE_INFINITY }),
  ];
  return { inFile: inFile.bundle, loaded: loaded.bundle };
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer);
}
