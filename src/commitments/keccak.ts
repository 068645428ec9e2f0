/** Keccak-256 as the EVM computes it (the original padding, not the one of SHA3-256). */
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { Hash } from './hash.js';

export function keccak256(bytes: Uint8Array): Hash {
  return keccak_256(bytes);
}

const ascii = new TextEncoder();

/** Keccak-256 of an ASCII text, for tags and names. */
export function keccak256Text(text: string): Hash {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new Error(`not an ASCII text: ${JSON.stringify(text)}`);
  return keccak256(ascii.encode(text));
}
