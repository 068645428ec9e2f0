/** Model and weight files in the formats that people have, and in those that are not read. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeSafetensors } from '../../src/data/safetensors.js';
import { checkJobFile } from '../../src/job/job-file.js';
import { readModelFile } from '../../src/job/model-file.js';
import { readWeightsFile } from '../../src/job/weights-file.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gensyn-model-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function written(name: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

test('weight files that no folder can hold are refused by name', async () => {
  for (const [file, code, shown] of [
    [{ '..': 1 }, 'job.model-weights', '{"..":1}'],
    ['a\0b', 'data.file-missing', 'a'],
  ] as const) {
    const path = await written('model.json', JSON.stringify({ weightsManifest: [{ paths: [file], weights: [] }] }));
    await expect(readModelFile(path)).rejects.toMatchObject({ code, message: expect.stringContaining(shown) });
  }
});

const ZIP = Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0);
const HDF5 = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a);

describe('formats of Keras that are not read are named, with what to do', () => {
  test.each([
    ['model.keras', ZIP, 'zip archive'],
    ['model.h5', HDF5, 'HDF5'],
  ])('%s', async (name, bytes, what) => {
    const path = await written(name, bytes);
    const refusal = { code: 'job.model-format', message: expect.stringContaining(what) };
    await expect(readModelFile(path)).rejects.toMatchObject(refusal);
    await expect(readWeightsFile(path)).rejects.toMatchObject({
      ...refusal,
      hint: expect.stringContaining('safetensors.numpy.save_file'),
    });
  });
});

describe('weights', () => {
  test('of a safetensors file come with their names and shapes', async () => {
    const data = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);
    const bytes = writeSafetensors([{ name: 'dense/kernel', dtype: 'F32', shape: [2, 3], data }]);
    expect(await readWeightsFile(await written('weights.safetensors', bytes))).toEqual([
      { name: 'dense/kernel', shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) },
    ]);
  });

  test('of integers are refused', async () => {
    const bytes = writeSafetensors([{ name: 'steps', dtype: 'I32', shape: [1], data: new Uint8Array(4) }]);
    await expect(readWeightsFile(await written('integers.safetensors', bytes))).rejects.toMatchObject({
      code: 'job.model-weights-type',
      message: expect.stringContaining('I32'),
    });
  });

  test.each([
    [7, 'shorter'],
    [9, 'longer'],
  ])('of a manifest with %d bytes in place of 8 are refused', async (length) => {
    await written('part.bin', new Uint8Array(length));
    const manifest = [{ paths: ['part.bin'], weights: [{ name: 'a', shape: [2], dtype: 'float32' }] }];
    const path = await written('model.json', JSON.stringify({ modelTopology: {}, weightsManifest: manifest }));
    await expect(readModelFile(path)).rejects.toMatchObject({
      code: 'job.model-weights-size',
      message: expect.stringMatching(new RegExp(`8 bytes.*${length}`)),
    });
  });
});

describe('job files', () => {
  const job = (more: object) => ({
    schema: 'gensyn.job/1',
    name: 'a',
    seed: 1,
    model: { layers: [{ className: 'Dense' }], weights: 'w.safetensors' },
    data: { train: { features: { file: 'x.csv' }, labels: { column: 'y' } } },
    loss: 'mse',
    optimizer: { name: 'sgd' },
    learningRate: 1,
    batchSize: 8,
    steps: 1,
    checkpointEvery: 1,
    ...more,
  });
  const check = (more: object) => checkJobFile(job(more) as never, 'job.json');

  test('name losses as Keras does, which become the names of the product', () => {
    expect(check({}).loss).toBe('meanSquaredError');
    expect(check({ loss: 'sparseCategoricalCrossentropy' }).loss).toBe('softmaxCrossEntropy');
    expect(() => check({ loss: 'ctc' })).toThrow(/loss/);
  });

  test('take clipping, decoupled decay and micro-batches', () => {
    const optimizer = { name: 'adamw', weightDecay: 0.01, decayExcept: ['bias'], clip: { globalNorm: 1 } };
    expect(check({ optimizer, microBatches: 4 })).toMatchObject({ optimizer, microBatches: 4 });
  });

  test.each([
    [{ clip: { norm: 1, value: 1 } }, /norm and value are both there/],
    [{ clip: {} }, /exactly one of norm, globalNorm, value/],
    [{ clip: { value: 0 } }, /greater than 0/],
    [{ clip: { norms: 1 } }, /norms/],
    [{ weightDecay: 0.1 }, /weightDecay/],
  ])('refuse %j for plain gradient descent', (options, message) => {
    expect(() => check({ optimizer: { name: 'sgd', ...options } })).toThrow(message);
  });
});
