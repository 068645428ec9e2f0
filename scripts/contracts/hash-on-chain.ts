/** Bytes as the contracts take them: entries of 32 bytes, zero behind the end. */
import { bytesToHex, type Hex } from '../../src/commitments/hash.js';
import type { Contracts } from './harness.js';

const ENTRY_BYTES = 32;

/** The bytes as entries; the last one is filled with zeros. */
export function entriesOf(bytes: Uint8Array): Hex[] {
  const padded = new Uint8Array(Math.ceil(bytes.length / ENTRY_BYTES) * ENTRY_BYTES);
  padded.set(bytes);
  return Array.from({ length: padded.length / ENTRY_BYTES }, (_, entry) =>
    bytesToHex(padded.subarray(ENTRY_BYTES * entry, ENTRY_BYTES * (entry + 1))),
  );
}

/** BLAKE3 of a message, computed by the contracts' library. */
export function hashOnChain(harness: Contracts['harness'], message: Uint8Array): Promise<Hex> {
  return harness('blake3', [entriesOf(message), BigInt(message.length)]);
}
