/** Models of one kind in all sizes: two hidden layers as wide as the features, ten classes, Adam. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { compileJob } from '../../src/job/compile.js';

type Job = Parameters<typeof compileJob>[0];

/** Widths whose models have about 10⁴, 10⁵, 10⁶ and 10⁷ parameters. */
export const WIDTHS = [64, 224, 704, 2224] as const;
export const BATCHES = [8, 64, 256] as const;
const CLASSES = 10;
const EXAMPLES = 512;

export function parameterCount(width: number): number {
  return 2 * (width * width + width) + CLASSES * (width + 1);
}

/** Writes data for models of this width into a folder, and gives the job that trains one on it. */
export async function growthJob(folder: string, width: number, batchSize: number): Promise<Job> {
  const [features, labels] = [join(folder, `features-${width}.npy`), join(folder, 'labels.npy')];
  await writeFile(
    features,
    bytesFile([EXAMPLES, width], (at) => Math.imul(at, 2654435761) >>> 24),
  );
  await writeFile(
    labels,
    bytesFile([EXAMPLES], (at) => at % CLASSES),
  );
  const dense = (units: number, activation: string) => ({ className: 'Dense', config: { units, activation } });
  return {
    schema: 'gensyn.job/1',
    name: `growth-${width}`,
    seed: 1,
    model: { layers: [dense(width, 'relu'), dense(width, 'relu'), dense(CLASSES, 'linear')] },
    data: { train: { features: { file: features, scale: 1 / 255 }, labels: { file: labels, classes: CLASSES } } },
    loss: 'softmaxCrossEntropy',
    optimizer: { name: 'adam' },
    learningRate: 0.0001,
    batchSize,
    steps: 65_536,
    checkpointEvery: 64,
  };
}

/** An npy file (version 1.0) of bytes. */
function bytesFile(shape: readonly number[], valueAt: (at: number) => number): Uint8Array {
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${extents}), }`;
  const padded = `${header.padEnd(128 - 10 - 1)}\n`;
  const length = shape.reduce((all, extent) => all * extent, 1);
  const start = Buffer.concat([Buffer.from([0x93]), Buffer.from('NUMPY\x01\x00'), Buffer.from([padded.length, 0])]);
  return Buffer.concat([start, Buffer.from(padded), Uint8Array.from({ length }, (_, at) => valueAt(at))]);
}
