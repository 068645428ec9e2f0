import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { csvClassNames, csvNumbers, parseCsv } from '../../src/data/csv.js';
import { parseIdx } from '../../src/data/idx.js';
import { parseNpy } from '../../src/data/npy.js';
import { damaged, errorCode, float32Bytes, idx, npy } from './helpers.js';

const numbers = (tensor: { values: ArrayLike<number> }): number[] => Array.from(tensor.values);

describe('IDX', () => {
  test('every type is read, big-endian', () => {
    const cases: readonly [number, string, string, number[]][] = [
      [0x08, '0180', 'u8', [1, 128]],
      [0x09, '01ff', 'i32', [1, -1]],
      [0x0b, '0102fffe', 'i32', [258, -2]],
      [0x0c, '7fffffff80000000', 'i32', [2147483647, -2147483648]],
      [0x0d, '3fc00000bf800000', 'f32', [1.5, -1]],
      [0x0e, '3ff8000000000000bff0000000000000', 'f32', [1.5, -1]],
    ];
    for (const [type, hex, dtype, expected] of cases) {
      const tensor = parseIdx(idx(type, [2], Buffer.from(hex, 'hex')), 'x');
      expect([tensor.dtype, tensor.shape, numbers(tensor)]).toEqual([dtype, [2], expected]);
    }
  });

  test('gzip is seen by its magic, and decompresses only up to the cap', () => {
    const plain = idx(0x08, [2, 3], Uint8Array.of(1, 2, 3, 4, 5, 6));
    expect(parseIdx(gzipSync(plain), 'x')).toEqual(parseIdx(plain, 'x'));
    const bomb = gzipSync(idx(0x08, [1_000_000], new Uint8Array(1_000_000)));
    expect(bomb.length).toBeLessThan(2000);
    expect(errorCode(() => parseIdx(bomb, 'x', { maxBytes: 100_000 }))).toBe('data.gzip-too-large');
    expect(errorCode(() => parseIdx(gzipSync(plain).subarray(0, 15), 'x'))).toBe('data.gzip');
  });

  test('wrong magic, short and long data, absurd shapes are errors', () => {
    expect(errorCode(() => parseIdx(Buffer.from('PK\x03\x04'), 'x'))).toBe('data.magic');
    expect(errorCode(() => parseIdx(idx(0x08, [4], new Uint8Array(3)), 'x'))).toBe('data.length');
    expect(errorCode(() => parseIdx(idx(0x08, [4], new Uint8Array(5)), 'x'))).toBe('data.length');
    expect(errorCode(() => parseIdx(idx(0x08, [0xffffffff, 0xffffffff, 2], new Uint8Array(3)), 'x'))).toBe(
      'data.too-many-elements',
    );
    expect(errorCode(() => parseIdx(Uint8Array.of(0, 0, 8, 2, 0, 0), 'x'))).toBe('data.header');
  });

  test('a damaged file gives numbers or an error of the catalogue', () => {
    const plain = idx(0x0d, [2, 3], float32Bytes([1, 2, 3, 4, 5, 6]));
    for (const file of [plain, gzipSync(plain)]) {
      fc.assert(
        fc.property(damaged(file), (bytes) => {
          errorCode(() => parseIdx(bytes, 'x', { maxBytes: 1_000_000 }));
        }),
        { numRuns: 500 },
      );
    }
  });
});

describe('npy', () => {
  test('floats survive both versions with their bits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true }), { maxLength: 20 }),
        fc.constantFrom<1 | 2>(1, 2),
        (values, version) => {
          const tensor = parseNpy(npy('<f4', [values.length], float32Bytes(values), { version }), 'x');
          expect(numbers(tensor)).toEqual(values);
        },
      ),
    );
  });

  test('integers, booleans and binary64 are read where they fit', () => {
    const i64 = Buffer.alloc(16);
    i64.writeBigInt64LE(-5n, 0);
    i64.writeBigInt64LE(7n, 8);
    expect(numbers(parseNpy(npy('<i8', [2], i64), 'x'))).toEqual([-5, 7]);
    i64.writeBigInt64LE(2n ** 31n, 8);
    expect(errorCode(() => parseNpy(npy('<i8', [2], i64), 'x'))).toBe('data.value-range');
    expect(parseNpy(npy('|b1', [2, 1], Uint8Array.of(0, 1)), 'x')).toMatchObject({ dtype: 'u8', shape: [2, 1] });
    expect(errorCode(() => parseNpy(npy('|b1', [2], Uint8Array.of(0, 2)), 'x'))).toBe('data.value-range');
    const f64 = Buffer.alloc(16);
    f64.writeDoubleLE(0.1, 0);
    expect(numbers(parseNpy(npy('<f8', [2], f64), 'x'))).toEqual([Math.fround(0.1), 0]);
    f64.writeDoubleLE(1e300, 8);
    expect(errorCode(() => parseNpy(npy('<f8', [2], f64), 'x'))).toBe('data.value-range');
    expect(parseNpy(npy('<f4', [], float32Bytes([2])), 'x').shape).toEqual([]);
  });

  test('object arrays, other byte orders, Fortran order and other versions are refused', () => {
    for (const descr of ['|O', '>f4', '<f2', '<U3', '<c8']) {
      expect(errorCode(() => parseNpy(npy(descr, [1], new Uint8Array(4)), 'x'))).toBe('data.dtype');
    }
    expect(errorCode(() => parseNpy(npy('<f4', [1], new Uint8Array(4), { fortran: true }), 'x'))).toBe('data.header');
    const file = npy('<f4', [1], new Uint8Array(4));
    expect(
      errorCode(() =>
        parseNpy(
          file.map((byte, at) => (at === 6 ? 3 : byte)),
          'x',
        ),
      ),
    ).toBe('data.header');
    expect(errorCode(() => parseNpy(file.subarray(0, file.length - 1), 'x'))).toBe('data.length');
    expect(errorCode(() => parseNpy(Buffer.from('GIF89a'), 'x'))).toBe('data.magic');
  });

  test('a header with anything but the three literals is refused', () => {
    const withHeader = (text: string): Uint8Array => {
      const prefix = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1');
      prefix.writeUInt16LE(text.length, 8);
      return Buffer.concat([prefix, Buffer.from(text)]);
    };
    const bad = [
      "{'descr': '<f4', 'fortran_order': False}",
      "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (0,)}",
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (0,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1e3,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,,2)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (0,), 'x': __import__('os')}",
      '',
    ];
    for (const text of bad) expect(errorCode(() => parseNpy(withHeader(text), 'x'))).toBe('data.header');
  });

  test('a damaged file gives numbers or an error of the catalogue', () => {
    fc.assert(
      fc.property(damaged(npy('<f4', [2, 2], float32Bytes([1, 2, 3, 4]))), (bytes) => {
        errorCode(() => parseNpy(bytes, 'x'));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('CSV', () => {
  const table = (text: string) => parseCsv(Buffer.from(text), 'x.csv');

  test('a number is its decimal rounded to binary32, in the order of the declared columns', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.float({ noNaN: true, noDefaultInfinity: true }),
            fc.float({ noNaN: true, noDefaultInfinity: true }),
          ),
        ),
        (rows) => {
          const text = `a,b\n${rows.map((row) => row.join()).join('\n')}\n`;
          expect(numbers(csvNumbers(table(text), ['b', 'a']))).toEqual(
            rows.flatMap(([a, b]) => [b, a]).map((value) => value + 0),
          );
        },
      ),
    );
    expect(numbers(csvNumbers(table('a\r\n"1.5" \r\n\r\n-2e-3\r\n'), ['a']))).toEqual([1.5, Math.fround(-0.002)]);
  });

  test('what is not a finite decimal is refused with its line', () => {
    for (const field of ['', 'NaN', 'Infinity', '0x10', '1,5', '1e99', 'null', '--1', '1_000', '٣']) {
      const text = `a,b\n1,2\n3,"${field}"\n`;
      expect(() => csvNumbers(table(text), ['a', 'b'])).toThrow('line 3, column "b"');
    }
  });

  test('ragged rows, unusable headers and unknown columns are refused', () => {
    expect(() => table('a,b\n1,2\n3\n')).toThrow('line 3');
    expect(errorCode(() => table('a,b\n1,2,3\n'))).toBe('data.csv');
    expect(errorCode(() => table('a,b\n"1,2\n'))).toBe('data.csv');
    expect(errorCode(() => table(''))).toBe('data.csv-header');
    expect(errorCode(() => table('a,a\n1,2\n'))).toBe('data.csv-header');
    expect(errorCode(() => table('a,\n1,2\n'))).toBe('data.csv-header');
    expect(() => csvNumbers(table('a,b\n1,2\n'), ['c'])).toThrow('its columns are a, b');
    expect(errorCode(() => parseCsv(new Uint8Array(101), 'x', 100))).toBe('data.file-too-large');
  });

  test('class names become their numbers', () => {
    expect(numbers(csvClassNames(table('y\ncat\ndog\ncat\n'), 'y', ['dog', 'cat']))).toEqual([1, 0, 1]);
    expect(() => csvClassNames(table('y\ncow\n'), 'y', ['dog', 'cat'])).toThrow('line 2, column "y": "cow"');
  });

  test('a damaged file gives numbers or an error of the catalogue', () => {
    fc.assert(
      fc.property(damaged(Buffer.from('a,b\n1,2\n"3",-4e5\n')), (bytes) => {
        errorCode(() => csvNumbers(parseCsv(bytes, 'x'), ['a']));
      }),
      { numRuns: 1000 },
    );
  });
});
