import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { isGensynError } from '../../src/errors/index.js';

/** The code of the catalogue error that an action throws, or null; anything else that it throws is passed on. */
export function errorCode(action: () => unknown): string | null {
  try {
    action();
    return null;
  } catch (error) {
    if (isGensynError(error)) return error.code;
    throw error;
  }
}

/** The same for a promise, with the message. */
export async function errorOf(action: Promise<unknown>): Promise<{ code: string; message: string } | null> {
  try {
    await action;
    return null;
  } catch (error) {
    if (isGensynError(error)) return { code: error.code, message: error.message };
    throw error;
  }
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'gensyn-test-'));
}

export function writeInto(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}

/** A valid file with some bytes changed, cut off or added. */
export function damaged(file: Uint8Array): fc.Arbitrary<Uint8Array> {
  const position = fc.nat(Math.max(0, file.length - 1));
  return fc.oneof(
    fc.nat(file.length).map((length) => file.slice(0, length)),
    fc.uint8Array({ minLength: 1, maxLength: 20 }).map((tail) => Uint8Array.from([...file, ...tail])),
    fc.array(fc.tuple(position, fc.nat(255)), { minLength: 1, maxLength: 4 }).map((changes) => {
      const copy = file.slice();
      for (const [at, byte] of changes) copy[at] = byte;
      return copy;
    }),
    // The start of a file is where the lengths are.
    fc
      .array(fc.tuple(fc.nat(Math.min(15, file.length - 1)), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)), {
        minLength: 1,
        maxLength: 8,
      })
      .map((changes) => {
        const copy = file.slice();
        for (const [at, byte] of changes) copy[at] = byte;
        return copy;
      }),
  );
}

/** An IDX file. */
export function idx(type: number, shape: readonly number[], body: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, type, shape.length]);
  shape.forEach((extent, axis) => {
    header.writeUInt32BE(extent, 4 + 4 * axis);
  });
  return Buffer.concat([header, body]);
}

/** An npy file, laid out as NumPy does. */
export function npy(
  descr: string,
  shape: readonly number[],
  body: Uint8Array,
  options: { fortran?: boolean; version?: 1 | 2 } = {},
): Uint8Array {
  const { fortran = false, version = 1 } = options;
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dictionary = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${tuple}, }`;
  const start = version === 1 ? 10 : 12;
  const text = `${dictionary.padEnd(Math.ceil((dictionary.length + start + 1) / 64) * 64 - start - 1)}\n`;
  const prefix = Buffer.alloc(start);
  prefix.write('\x93NUMPY', 'latin1');
  prefix[6] = version;
  if (version === 1) prefix.writeUInt16LE(text.length, 8);
  else prefix.writeUInt32LE(text.length, 8);
  return Buffer.concat([prefix, Buffer.from(text, 'latin1'), body]);
}

/** The little-endian bytes of numbers. */
export function float32Bytes(values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => {
    bytes.writeFloatLE(value, at * 4);
  });
  return bytes;
}
