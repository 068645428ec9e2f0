/**
 * Hashes as values: 32 bytes inside the product, `0x` and 64 lower-case hexadecimal digits at its edges (files, JSON,
 * contracts, people).
 */
import { fail } from '../errors/index.js';

/** Exactly 32 bytes. Never change one in place: it may be shared. */
export type Hash = Uint8Array;

export type Hex = `0x${string}`;

export const HASH_BYTES = 32;

/** The hash that stands for "nothing": the root of a tree without leaves. */
export function zeroHash(): Hash {
  return new Uint8Array(HASH_BYTES);
}

/** True for a `Uint8Array` (or `Buffer`) of 32 bytes, whatever realm it comes from. */
export function isHash(value: unknown): value is Hash {
  return (
    ArrayBuffer.isView(value) &&
    value.byteLength === HASH_BYTES &&
    Object.prototype.toString.call(value) === '[object Uint8Array]'
  );
}

/** True where both have the same length and bytes. */
export function equalHashes(left: Hash, right: Hash): boolean {
  return Buffer.compare(left, right) === 0;
}

const HEX_BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** `0x` and two lower-case digits for each byte. */
export function bytesToHex(bytes: Uint8Array): Hex {
  let text = '0x';
  for (const byte of bytes) text += HEX_BYTES[byte]!;
  return text as Hex;
}

/** The text of a hash. Throws `commitment.invalid-hash` for anything but 32 bytes. */
export function toHex(hash: Hash): Hex {
  if (!isHash(hash)) throw fail('commitment.invalid-hash', { what: 'a hash', found: describe(hash) });
  return bytesToHex(hash);
}

/**
 * The hash of a text, which must be `0x` and exactly 64 hexadecimal digits in either case.
 *
 * @param what - names the value in the error, for example `the trace root`
 * @throws `commitment.invalid-hash`
 */
export function fromHex(text: unknown, what = 'a hash'): Hash {
  if (typeof text !== 'string' || !/^0x[0-9a-fA-F]{64}$/.test(text)) {
    throw fail('commitment.invalid-hash', { what, found: describe(text) });
  }
  const hash = zeroHash();
  for (let index = 0; index < HASH_BYTES; index++) {
    hash[index] = Number.parseInt(text.slice(2 + 2 * index, 4 + 2 * index), 16);
  }
  return hash;
}

function describe(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 80 ? `a text of ${value.length} characters` : JSON.stringify(value);
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  return value === null ? 'null' : `a value of type ${typeof value}`;
}
