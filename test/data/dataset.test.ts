import { execFileSync } from 'node:child_process';
import { closeSync, openSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inMemory } from '../../src/commitments/word-source.js';
import { type DatasetDeclaration, loadDataset } from '../../src/data/dataset.js';
import { writeSafetensors } from '../../src/data/safetensors.js';
import { errorOf, float32Bytes, idx, npy, temporaryFolder, writeInto } from './helpers.js';

const folder = temporaryFolder();
const load = (declaration: DatasetDeclaration, maxBytes?: number) =>
  loadDataset(declaration, { baseDirectory: folder, ...(maxBytes !== undefined && { maxBytes }) });

writeInto(folder, {
  'x.idx': gzipSync(idx(0x08, [3, 1, 2], Uint8Array.of(1, 2, 3, 4, 5, 250))),
  'y.idx': idx(0x08, [3], Uint8Array.of(0, 1, 2)),
  'x.npy': npy('<f4', [3, 2], float32Bytes([1, 2, 3, 4, 5, -6])),
  'nan.npy': npy('<f4', [3, 2], float32Bytes([1, 2, 3, Number.NaN, 5, 6])),
  'infinite.npy': npy('<f4', [3], float32Bytes([1, 2, Number.POSITIVE_INFINITY])),
  'tokens.npy': npy(
    '<i4',
    [3, 2],
    Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0),
  ),
  'two.npy': npy('|u1', [2], Uint8Array.of(0, 1)),
  'none.npy': npy('<f4', [0, 2], new Uint8Array()),
  'y.safetensors': writeSafetensors([
    { name: 'y', dtype: 'I32', shape: [3], data: Uint8Array.of(2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0) },
    { name: 'z', dtype: 'F32', shape: [3], data: float32Bytes([0, 1.5, 1]) },
  ]),
  'both.csv': 'a,b,kind\n1,2,cat\n3,4,dog\n5,6,cat\n',
  'unknown.bin': 'hello',
});

describe('data sets', () => {
  test('bytes stay bytes, four to a word, little-endian', async () => {
    const { features, labels, count } = await load({
      features: { file: 'x.idx', scale: 1 / 255, offset: -0.1 },
      labels: { file: 'y.idx', classes: 3 },
    });
    expect(count).toBe(3);
    expect(features).toMatchObject({
      dtype: 'u8',
      exampleShape: [1, 2],
      scale: Math.fround(1 / 255),
      offset: Math.fround(-0.1),
    });
    expect(Array.from(inMemory(features.words))).toEqual([0x04030201, 0xfa05]);
    expect(labels).toMatchObject({ kind: 'class', classes: 3, dtype: 'u8', shape: [] });
    expect(Array.from(labels.words)).toEqual([0x020100]);
  });

  test('packing agrees with the bytes of every length', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 40 }), async (bytes) => {
        writeInto(folder, {
          'p.npy': npy('|u1', [bytes.length], bytes),
          'q.npy': npy('|u1', [bytes.length], new Uint8Array(bytes.length)),
        });
        const { features } = await load({ features: { file: 'p.npy' }, labels: { file: 'q.npy', classes: 2 } });
        expect(features.words.length).toBe(Math.ceil(bytes.length / 4));
        expect(Array.from(inMemory(features.words), (word, at) => (word >>> 0) - packed(bytes, at))).toEqual(
          Array.from(inMemory(features.words), () => 0),
        );
      }),
      { numRuns: 40 },
    );
  });

  test('floats keep their bits; a shape may be declared; skip and limit choose rows', async () => {
    const { features, labels, count } = await load({
      features: { file: 'x.npy', shape: [2, 1] },
      labels: { file: 'y.safetensors', tensor: 'y', classes: 3 },
      skip: 1,
      limit: 10,
    });
    expect(count).toBe(2);
    expect(features).toMatchObject({ dtype: 'f32', exampleShape: [2, 1], scale: 1, offset: 0 });
    expect(Array.from(inMemory(features.words))).toEqual([0x40400000, 0x40800000, 0x40a00000, 0xc0c00000]);
    expect(labels).toMatchObject({ kind: 'class', dtype: 'i32' });
    expect(Array.from(labels.words)).toEqual([1, 0]);
  });

  test('one CSV file gives features and named classes, or values', async () => {
    const features = { file: 'both.csv', columns: ['b', 'a'] };
    const classes = await load({ features, labels: { column: 'kind', classes: ['cat', 'dog'] } });
    expect(Array.from(classes.labels.words)).toEqual([0, 1, 0]);
    const values = await load({ features: { file: 'both.csv', columns: ['a'] }, labels: { column: 'b' }, limit: 1 });
    expect(values.labels).toMatchObject({ kind: 'values', shape: [1] });
    expect(Array.from(values.labels.words)).toEqual([0x40000000]);
  });

  test('int32 features are indices: not scaled', async () => {
    const labels = { file: 'y.idx', classes: 3 };
    expect((await load({ features: { file: 'tokens.npy' }, labels })).features).toMatchObject({
      dtype: 'i32',
      exampleShape: [2],
    });
    expect(await errorOf(load({ features: { file: 'tokens.npy', scale: 2 }, labels }))).toMatchObject({
      code: 'data.declaration',
    });
    const perToken = await load({ features: { file: 'tokens.npy' }, labels: { file: 'tokens.npy', classes: 7 } });
    expect(perToken.labels).toMatchObject({ kind: 'class', shape: [2] });
  });

  const x = { file: 'x.npy' };
  const y = { file: 'y.idx', classes: 3 };
  const bad: readonly [string, DatasetDeclaration, string, string][] = [
    ['a missing file', { features: { file: 'absent.npy' }, labels: y }, 'data.file-missing', 'absent.npy'],
    ['a folder', { features: { file: '.' }, labels: y }, 'data.not-a-file', ''],
    ['NaN', { features: { file: 'nan.npy' }, labels: y }, 'data.not-finite', 'Row 1 of the features'],
    ['an infinite value', { features: x, labels: { file: 'infinite.npy' } }, 'data.not-finite', 'Row 2 of the labels'],
    [
      'labels out of range',
      { features: x, labels: { ...y, classes: 2 } },
      'data.label-range',
      'Row 2 of the labels in',
    ],
    [
      'labels that are not whole',
      { features: x, labels: { file: 'y.safetensors', tensor: 'z', classes: 3 } },
      'data.label-range',
      'is 1.5',
    ],
    ['counts that differ', { features: x, labels: { file: 'two.npy' } }, 'data.count-mismatch', 'has 3 examples, but'],
    ['zero examples', { features: { file: 'none.npy' }, labels: { file: 'none.npy' } }, 'data.no-examples', 'it has 0'],
    ['more skipped than there are', { features: x, labels: y, skip: 3 }, 'data.no-examples', 'first 3 are skipped'],
    ['a shape that does not fit', { features: { ...x, shape: [3] }, labels: y }, 'data.shape', '2 elements'],
    [
      'a tensor not named',
      { features: x, labels: { file: 'y.safetensors', classes: 3 } },
      'data.tensor-unnamed',
      'has 2 tensors: z, y',
    ],
    ['an unknown tensor', { features: x, labels: { file: 'y.safetensors', tensor: 'w' } }, 'data.tensor', '"w"'],
    [
      'columns of an array',
      { features: { ...x, columns: ['a'] }, labels: y },
      'data.declaration',
      'columns are for CSV',
    ],
    ['a CSV without columns', { features: { file: 'both.csv' }, labels: y }, 'data.declaration', 'needs the names'],
    ['an unknown format', { features: { file: 'unknown.bin' }, labels: y }, 'data.format-unknown', 'unknown.bin'],
    ['a wrong format', { features: { file: 'y.idx', format: 'npy' }, labels: y }, 'data.magic', 'npy'],
  ];
  test.each(bad)('%s is refused', async (_, declaration, code, message) => {
    const error = await errorOf(load(declaration));
    expect(error?.code).toBe(code);
    expect(error?.message).toContain(message);
  });

  test('of a file far larger than memory the rows taken are read, and no others', async () => {
    const rows = 2 ** 30;
    // A terabyte of zeros that takes no room on the disk, with three rows at its end that are something else.
    const sparse = (name: string, file: Uint8Array, bytes: number, tail: Uint8Array): void => {
      writeInto(folder, { [name]: file });
      truncateSync(join(folder, name), file.length + bytes);
      const handle = openSync(join(folder, name), 'r+');
      writeSync(handle, tail, 0, tail.length, file.length + bytes - tail.length);
      closeSync(handle);
    };
    const nothing = new Uint8Array();
    sparse(
      'huge.npy',
      npy('|u1', [rows, 1024], nothing),
      rows * 1024,
      new Uint8Array(3 * 1024).map((_, at) => at >> 10),
    );
    sparse('labels.idx', idx(0x08, [rows], nothing), rows, Uint8Array.of(1, 0, 1));
    const declaration = { features: { file: 'huge.npy' }, labels: { file: 'labels.idx', classes: 2 } };
    const { features, labels, count } = await load({ ...declaration, skip: rows - 2 });
    expect([count, features.exampleShape]).toEqual([2, [1024]]);
    expect(Array.from(inMemory(features.words))).toEqual([
      ...new Array(256).fill(0x01010101),
      ...new Array(256).fill(0x02020202),
    ]);
    expect(Array.from(labels.words)).toEqual([0x0100]);
    expect(await errorOf(load(declaration))).toMatchObject({
      code: 'data.rows-too-large',
      message: expect.stringContaining(`${rows} rows`),
    });
    // The same rows in a safetensors file, where they are one tensor of two.
    const header = JSON.stringify({
      first: { dtype: 'U8', shape: [8], data_offsets: [0, 8] },
      x: { dtype: 'U8', shape: [rows, 1024], data_offsets: [8, 8 + rows * 1024] },
    });
    const length = Buffer.alloc(8);
    length.writeUInt32LE(header.length);
    const tail = new Uint8Array(3 * 1024).map((_, at) => at >> 10);
    sparse('huge.safetensors', Buffer.concat([length, Buffer.from(header)]), 8 + rows * 1024, tail);
    const tensor = { features: { file: 'huge.safetensors', tensor: 'x' }, labels: declaration.labels };
    expect((await load({ ...tensor, skip: rows - 2 })).features).toEqual(features);
    expect(await errorOf(load(tensor))).toMatchObject({ code: 'data.rows-too-large' });
    // The element of a refusal is counted in the file, whatever was skipped.
    sparse('bools.npy', npy('|b1', [rows], nothing), rows, Uint8Array.of(1, 2));
    const bools = { features: { file: 'bools.npy' }, labels: { file: 'labels.idx', classes: 2 } };
    expect(await errorOf(load({ ...bools, skip: rows - 2 }))).toMatchObject({
      code: 'data.value-range',
      message: expect.stringContaining(`Element ${rows - 1} `),
    });
  });

  test('rows and files beyond what may be held in memory are refused before they are read', async () => {
    const zipped = { features: { file: 'x.idx' }, labels: y };
    expect(await errorOf(load(zipped, 10))).toMatchObject({ code: 'data.file-too-large' });
    expect(await errorOf(load({ features: { file: 'x.npy' }, labels: y }, 20))).toMatchObject({
      code: 'data.rows-too-large',
      message: expect.stringContaining('24 bytes; at most 20'),
    });
    const table = { features: { file: 'both.csv', columns: ['a'] }, labels: { column: 'b' } };
    expect(await errorOf(load(table, 20))).toMatchObject({ code: 'data.file-too-large' });
  });

  test('a pipe does not block', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.npy')]);
    expect(await errorOf(load({ features: { file: 'pipe.npy' }, labels: y }))).toMatchObject({
      code: 'data.not-a-file',
    });
  });
});

/** The word that four bytes make, by definition. */
function packed(bytes: Uint8Array, word: number): number {
  return [0, 1, 2, 3].reduce((total, byte) => total + (bytes[4 * word + byte] ?? 0) * 256 ** byte, 0);
}
