/** Features that stay in their file are the features that would have been loaded. */
import { statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inMemory, isInMemory } from '../../src/commitments/word-source.js';
import { loadDataset } from '../../src/data/dataset.js';
import { writeSafetensors } from '../../src/data/safetensors.js';
import { errorOf, float32Bytes, idx, npy, temporaryFolder, writeInto } from '../data/helpers.js';

const folder = temporaryFolder();
const [ROWS, WIDTH] = [9, 3];
const ELEMENTS = ROWS * WIDTH;
const small = Uint8Array.from({ length: 8 * ELEMENTS }, (_, at) => (at * 37 + 11) % 120);
/** Eight-byte integers below 2^24, and binary64 numbers. */
const wide = new Uint8Array(BigInt64Array.from({ length: ELEMENTS }, (_, at) => BigInt(at * 70000)).buffer);
const doubles = new Uint8Array(Float64Array.from({ length: ELEMENTS }, (_, at) => at / 7 - 1).buffer);
const floats = float32Bytes(Array.from({ length: ELEMENTS }, (_, at) => at / 3 - 2));

const FILES: Readonly<Record<string, Uint8Array>> = {
  'f4.npy': npy('<f4', [ROWS, WIDTH], floats),
  'f8.npy': npy('<f8', [ROWS, WIDTH], doubles),
  'u1.npy': npy('|u1', [ROWS, WIDTH], small.subarray(0, ELEMENTS)),
  'b1.npy': npy(
    '|b1',
    [ROWS, WIDTH],
    small.subarray(0, ELEMENTS).map((byte) => byte & 1),
  ),
  'i4.npy': npy('<i4', [ROWS, WIDTH], small.subarray(0, 4 * ELEMENTS)),
  'i8.npy': npy('<i8', [ROWS, WIDTH], wide),
  'u8.idx': idx(0x08, [ROWS, WIDTH], small.subarray(0, ELEMENTS)),
  'i8.idx': idx(0x09, [ROWS, WIDTH], small.subarray(0, ELEMENTS)),
  'i16.idx': idx(0x0b, [ROWS, WIDTH], small.subarray(0, 2 * ELEMENTS)),
  'f32.idx': idx(0x0d, [ROWS, WIDTH], Buffer.from(floats).swap32()),
  'f.safetensors': writeSafetensors([{ name: 'x', dtype: 'F32', shape: [ROWS, WIDTH], data: floats }]),
};
writeInto(folder, { ...FILES, 'y.npy': npy('|u1', [ROWS], new Uint8Array(ROWS)) });

const load = (file: string, rows: { skip?: number; limit?: number }, mapAbove?: number) =>
  loadDataset(
    { features: { file }, labels: { file: 'y.npy', classes: 1 }, ...rows },
    { baseDirectory: folder, ...(mapAbove !== undefined && { mapAbove }) },
  );

test.each(Object.keys(FILES))('%s gives the same words, whatever rows are taken', async (file) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(ROWS - 1), fc.integer({ min: 1, max: ROWS }), async (skip, limit) => {
      const [mapped, loaded] = [await load(file, { skip, limit }, 0), await load(file, { skip, limit })];
      expect([isInMemory(mapped.features.words), isInMemory(loaded.features.words)]).toEqual([false, true]);
      expect([...inMemory(mapped.features.words)]).toEqual([...inMemory(loaded.features.words)]);
      expect({ ...mapped.features, words: 0 }).toEqual({ ...loaded.features, words: 0 });
    }),
    { numRuns: 12 },
  );
});

test('a file up to the bound, and one that is compressed, are loaded', async () => {
  writeInto(folder, { 'f4.npy.gz': gzipSync(FILES['f4.npy']!) });
  expect(isInMemory((await load('f4.npy', {}, 4 * ELEMENTS)).features.words)).toBe(true);
  expect(isInMemory((await load('f4.npy', {}, 4 * ELEMENTS - 1)).features.words)).toBe(false);
  expect(isInMemory((await load('f4.npy.gz', {}, 0)).features.words)).toBe(true);
});

test('more elements than a program can address are refused before they are read', async () => {
  const [rows, width] = [1024, 2 ** 22];
  writeInto(folder, { 'wide.npy': npy('|u1', [rows, width], new Uint8Array()) });
  const path = join(folder, 'wide.npy');
  // A hole: the file takes no room on the disk.
  truncateSync(path, statSync(path).size + rows * width);
  writeInto(folder, { 'many.npy': npy('|u1', [rows], new Uint8Array(rows)) });
  const declaration = { features: { file: 'wide.npy' }, labels: { file: 'many.npy', classes: 1 } };
  const refusal = await errorOf(loadDataset(declaration, { baseDirectory: folder, mapAbove: 0 }));
  expect(refusal?.code).toBe('data.too-many-elements');
  const fitting = await loadDataset({ ...declaration, limit: rows - 1 }, { baseDirectory: folder, mapAbove: 0 });
  expect(fitting.features.words.length).toBe(((rows - 1) * width) / 4);
});

test.each([
  ['a number that is not finite', 'bad.npy', npy('<f4', [ROWS, WIDTH], withNaN(floats, 20))],
  [
    'a number that does not fit',
    'far.npy',
    npy(
      '<i8',
      [ROWS, WIDTH],
      wide.map((byte, at) => (at === 164 ? 1 : byte)),
    ),
  ],
])('%s is refused in the same words', async (_, file, bytes) => {
  writeInto(folder, { [file]: bytes });
  const refusal = await errorOf(load(file, { skip: 1 }));
  expect(refusal?.code).toMatch(/^data\./);
  expect(await errorOf(load(file, { skip: 1 }, 0).then(({ features }) => inMemory(features.words)))).toEqual(refusal);
});

function withNaN(bytes: Uint8Array, element: number): Uint8Array {
  const changed = Buffer.from(bytes);
  changed.writeFloatLE(Number.NaN, 4 * element);
  return changed;
}
