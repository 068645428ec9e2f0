/**
 * The part of Solidity's `abi.encode` that commitments need: static words and dynamic arrays of words.
 *
 * Source: "Contract ABI Specification", Solidity documentation, section "Formal Specification of the Encoding". A value
 * that is an array is written as an offset in the head (counted from the first byte of the encoding) and as its length
 * and items in the tail.
 */
import { fail } from '../errors/index.js';
import { concatenate } from './bytes.js';
import { HASH_BYTES, type Hash, isHash } from './hash.js';
import { keccak256, keccak256Text } from './keccak.js';

/** One 32-byte word: an unsigned integer of any width, or `bytes32`. */
export type AbiWord = number | bigint | Hash;

/** A word, or a dynamic array of words (`uint256[]`, `bytes32[]`). */
export type AbiValue = AbiWord | readonly AbiWord[];

const WORD_BYTES = HASH_BYTES;

/** The 32 bytes of a word: integers big-endian. Throws `commitment.invalid-word` outside 0 … 2^256 − 1. */
export function abiWord(value: AbiWord): Uint8Array {
  if (typeof value !== 'number' && typeof value !== 'bigint') return bytes32(value);
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw fail('commitment.invalid-word', { found: String(value), bits: 256 });
  }
  const integer = BigInt(value);
  if (integer < 0n || integer >> 256n !== 0n) {
    throw fail('commitment.invalid-word', { found: String(value), bits: 256 });
  }
  const word = new Uint8Array(WORD_BYTES);
  for (let index = WORD_BYTES - 1, rest = integer; rest > 0n; index--, rest >>= 8n) word[index] = Number(rest & 0xffn);
  return word;
}

/** `abi.encode(values…)`. */
export function abiEncode(values: readonly AbiValue[]): Uint8Array {
  const head: Uint8Array[] = [];
  const tail: Uint8Array[] = [];
  for (const value of values) {
    if (isWord(value)) {
      head.push(abiWord(value));
    } else {
      head.push(abiWord(WORD_BYTES * (values.length + tail.length)));
      tail.push(abiWord(value.length), ...value.map(abiWord));
    }
  }
  return concatenate([...head, ...tail]);
}

/**
 * The hash of a struct: `keccak256(abi.encode(TAG, values…))` with `TAG = keccak256(name)`.
 *
 * A struct has at least two fields: its preimage must never be as long as a tree node's (64 bytes).
 */
export function structHash(name: string, values: readonly AbiValue[]): Hash {
  if (values.length < 2)
    throw new Error(`struct ${name} has ${values.length} fields; at least 2 keep it apart from nodes`);
  return keccak256(abiEncode([keccak256Text(name), ...values]));
}

function isWord(value: AbiValue): value is AbiWord {
  return typeof value === 'number' || typeof value === 'bigint' || ArrayBuffer.isView(value);
}

function bytes32(value: Hash): Hash {
  if (isHash(value)) return value;
  throw fail('commitment.invalid-hash', { what: 'a bytes32', found: `${(value as Uint8Array).length} bytes` });
}
