/**
 * State roots and trace roots: what a run publishes.
 *
 * A state root is the keccak root over the BLAKE3 hashes of the T state tensors, in the program's order. A trace root is
 * the keccak root over the state roots at steps 0, E, 2E, …, S.
 */
import { fail } from '../errors/index.js';
import type { Hash } from './hash.js';
import { merkleRoot } from './merkle.js';

/** The root of a state: over the hashes of all its tensors, in the program's order. */
export function stateRoot(tensorHashes: readonly Hash[]): Hash {
  return merkleRoot(tensorHashes);
}

/** The root of a trace: over the state roots of all its checkpoints, genesis first. */
export function traceRoot(stateRoots: readonly Hash[]): Hash {
  return merkleRoot(stateRoots);
}

/** The largest exponent of a checkpoint interval: a step number has 32 bits. */
const MAX_INTERVAL_EXPONENT = 31;

/**
 * Number of leaves of a trace: checkpoints at 0, E, 2E, … below `steps`, and one at `steps`.
 *
 * @param steps - S, 1 … 2^32 − 1
 * @param exponent - e, with E = 2^e
 * @throws `commitment.invalid-word`
 */
export function checkpointCount(steps: number, exponent: number): number {
  checkTrace(steps, exponent);
  return Math.ceil(steps / 2 ** exponent) + 1;
}

/**
 * The training step at which checkpoint `index` stands (that many steps are done).
 *
 * @throws `commitment.index-out-of-range`, `commitment.invalid-word`
 */
export function checkpointStep(steps: number, exponent: number, index: number): number {
  const count = checkpointCount(steps, exponent);
  if (!Number.isSafeInteger(index) || index < 0 || index >= count) {
    throw fail('commitment.index-out-of-range', { what: 'checkpoint', index, count });
  }
  return Math.min(index * 2 ** exponent, steps);
}

function checkTrace(steps: number, exponent: number): void {
  if (!Number.isSafeInteger(steps) || steps < 1 || steps >= 2 ** 32) {
    throw fail('commitment.invalid-word', { found: `${steps} steps`, bits: 32 });
  }
  if (!Number.isInteger(exponent) || exponent < 0 || exponent > MAX_INTERVAL_EXPONENT) {
    throw fail('commitment.invalid-word', { found: `2^${exponent} as checkpoint interval`, bits: 32 });
  }
}
