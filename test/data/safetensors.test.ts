import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  parseSafetensors,
  type SafetensorsTensor,
  safetensorsToDataTensor,
  writeSafetensors,
} from '../../src/data/safetensors.js';
import { isForbiddenKey } from '../../src/data/strict-json.js';
import { damaged, errorCode, float32Bytes } from './helpers.js';

const names = fc
  .string({ unit: 'binary' })
  .filter((name) => name !== '__metadata__' && !isForbiddenKey(name) && !/\p{Surrogate}/u.test(name));
const tensors = fc.uniqueArray(
  fc
    .record({
      name: names,
      dtype: fc.constantFrom<'F32' | 'I32' | 'U8'>('F32', 'I32', 'U8'),
      shape: fc.array(fc.nat(4), { maxLength: 3 }),
      fill: fc.nat(255),
    })
    .map(({ name, dtype, shape, fill }): SafetensorsTensor => {
      const bytes = shape.reduce((total, extent) => total * extent, dtype === 'U8' ? 1 : 4);
      return { name, dtype, shape, data: new Uint8Array(bytes).fill(fill) };
    }),
  { selector: ({ name }) => name, maxLength: 6 },
);

/** A file with a header as given, for what the writer would not write. */
function withHeader(header: string, body = 0): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(body)]);
}

const entry = (begin: number, end: number, shape: string, dtype = 'F32'): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

describe('safetensors', () => {
  test('what is written is read again, and the bytes depend on the content alone', () => {
    fc.assert(
      fc.property(tensors, fc.dictionary(names, names), (list, metadata) => {
        const file = writeSafetensors(list, metadata);
        const back = parseSafetensors(file, 'x');
        expect(back.metadata).toEqual({ ...metadata });
        expect(back.tensors.map(({ name }) => name).sort()).toEqual(list.map(({ name }) => name).sort());
        for (const tensor of list) {
          const found = back.tensors.find(({ name }) => name === tensor.name)!;
          expect([found.dtype, found.shape, Array.from(found.data)]).toEqual([
            tensor.dtype,
            tensor.shape,
            Array.from(tensor.data),
          ]);
          expect(found.data.byteOffset % (tensor.dtype === 'U8' ? 1 : 4)).toBe(file.byteOffset % 4);
        }
        const shuffled = Object.fromEntries(Object.entries(metadata).reverse());
        expect(Buffer.compare(writeSafetensors([...list].reverse(), shuffled), file)).toBe(0);
      }),
    );
  });

  test('the bytes are those of the Python library (safetensors 0.8)', () => {
    const file = writeSafetensors([
      { name: 'bias', dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 3) },
      { name: 'weight', dtype: 'F32', shape: [1, 2], data: float32Bytes([1, 2]) },
    ]);
    const header =
      '{"weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"bias":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}}';
    const expected = Buffer.concat([
      withHeader(header.padEnd(Math.ceil(header.length / 8) * 8)),
      float32Bytes([1, 2]),
      Uint8Array.of(1, 2, 3),
    ]);
    expect(Buffer.from(file).toString('hex')).toBe(expected.toString('hex'));
  });

  test('holes, overlaps, wrong lengths and bytes behind the end are refused', () => {
    expect(parseSafetensors(withHeader(`{"a":${entry(0, 8, '[2]')}}`, 8), 'x').tensors).toHaveLength(1);
    const refused = [
      withHeader(`{"a":${entry(4, 12, '[2]')}}`, 12),
      withHeader(`{"a":${entry(0, 8, '[2]')},"b":${entry(12, 16, '[1]')}}`, 16),
      withHeader(`{"a":${entry(0, 8, '[2]')},"b":${entry(4, 12, '[2]')}}`, 12),
      withHeader(`{"a":${entry(0, 8, '[3]')}}`, 8),
      withHeader(`{"a":${entry(8, 0, '[2]')}}`, 8),
      withHeader(`{"a":${entry(0, 8, '[2.5]')}}`, 8),
      withHeader(`{"a":${entry(0, 8, '[-2]')}}`, 8),
      withHeader(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"extra":1}}`, 8),
      withHeader(`{"__metadata__":{"a":1}}`),
      withHeader('[]'),
      withHeader(' {}'),
      Uint8Array.of(1, 2, 3),
      Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 127, 123, 125),
    ];
    for (const file of refused) expect(errorCode(() => parseSafetensors(file, 'x'))).toBe('data.header');
    expect(errorCode(() => parseSafetensors(withHeader(`{"a":${entry(0, 8, '[2]')}}`, 9), 'x'))).toBe('data.length');
    expect(errorCode(() => parseSafetensors(withHeader(`{"a":${entry(0, 8, '[2]')}}`, 7), 'x'))).toBe('data.length');
    expect(errorCode(() => parseSafetensors(withHeader(`{"a":${entry(0, 8, '[4]', 'F16')}}`, 8), 'x'))).toBe(
      'data.dtype',
    );
    expect(
      errorCode(() => parseSafetensors(withHeader(`{"a":${entry(0, 0, '[4294967296,4294967296,4294967296]')}}`), 'x')),
    ).toBe('data.too-many-elements');
  });

  test('a header that readers would read differently is refused', () => {
    const twice = withHeader(`{"a":${entry(0, 0, '[0]')},"\\u0061":${entry(0, 0, '[0]')}}`);
    expect(errorCode(() => parseSafetensors(twice, 'x'))).toBe('data.json-duplicate-key');
    expect(errorCode(() => parseSafetensors(withHeader(`{"__proto__":${entry(0, 0, '[0]')}}`), 'x'))).toBe(
      'data.json-forbidden-key',
    );
    expect(errorCode(() => parseSafetensors(withHeader(`{"a":${'['.repeat(1000)}`), 'x'))).toBe('data.json-too-deep');
  });

  test('the writer refuses what no reader would accept', () => {
    const tensor = { name: 'a', dtype: 'U8', shape: [1], data: Uint8Array.of(1) } as const;
    const refused: readonly SafetensorsTensor[][] = [
      [tensor, tensor],
      [{ ...tensor, name: '__metadata__' }],
      [{ ...tensor, name: '__proto__' }],
      [{ ...tensor, name: '\ud800' }],
      [{ ...tensor, shape: [2] }],
    ];
    for (const list of refused) expect(errorCode(() => writeSafetensors(list))).toBe('data.tensor-write');
  });

  test('a damaged file gives tensors or an error of the catalogue', () => {
    const file = writeSafetensors(
      [
        { name: 'a', dtype: 'F32', shape: [2], data: float32Bytes([1, 2]) },
        { name: 'b', dtype: 'U8', shape: [], data: Uint8Array.of(7) },
      ],
      { made: 'by hand' },
    );
    fc.assert(
      fc.property(damaged(file), (bytes) => {
        errorCode(() => parseSafetensors(bytes, 'x').tensors.map((tensor) => safetensorsToDataTensor(tensor, 'x')));
      }),
      { numRuns: 2000 },
    );
  });
});
