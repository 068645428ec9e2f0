/**
 * The order of rows in an epoch: a swap-or-not shuffle (Hoang, Morris and Rogaway, "An enciphering scheme based on a
 * card shuffle", 2012), computed for one position at a time, with Threefry-2x32-20 as its round function.
 *
 * Same construction as `compute_shuffled_index` in Ethereum's consensus specification, with other round functions.
 */
import { threefry2x32 } from './threefry.js';

/**
 * Rounds of the shuffle. Two positions agree on their swap decisions in all rounds with probability 2^-32; the order
 * is statistically good. It is no secret: the seed is public.
 */
export const SHUFFLE_ROUNDS = 32;

/** The largest number of rows: sums of two positions and a round's `flip` must stay within an unsigned word. */
export const MAXIMUM_ROWS = 0x7fffffff;

/** Second counter word of a round's pivot. No position has this number. */
export const PIVOT_COUNTER = 0xffffffff;

export interface ShuffleParameters {
  /** The number of rows, 1 … {@link MAXIMUM_ROWS}. */
  readonly count: number;
  /** The key of the shuffle's stream; see `streamKey`. */
  readonly key: readonly [number, number];
  /** The number of the epoch, an unsigned 32-bit number. */
  readonly epoch: number;
  readonly rounds?: number;
}

/**
 * The row that stands at `position` of the epoch's order; a permutation of 0 … count − 1.
 *
 * Round r, with c = epoch·rounds + r modulo 2^32: the pivot is word 0 of threefry(key, [c, 0xffffffff]) modulo
 * `count`; the partner of an index is (pivot − index) modulo `count`; index and partner change places where the lowest
 * bit of word 0 of threefry(key, [c, max(index, partner)]) is 1.
 */
export function shuffledIndex(position: number, parameters: ShuffleParameters): number {
  const { count, key, epoch, rounds = SHUFFLE_ROUNDS } = parameters;
  checkRows(count);
  if (!Number.isInteger(position) || position < 0 || position >= count) {
    throw new Error(`position ${position} lies outside of ${count} rows`);
  }
  let index = position;
  for (let round = 0; round < rounds; round++) {
    const counter = (Math.imul(epoch, rounds) + round) >>> 0;
    // The modulo favours low pivots by at most count / 2^32; a pivot need not be uniform for a permutation.
    const pivot = threefry2x32(key, [counter, PIVOT_COUNTER])[0] % count;
    const partner = (pivot - index + count) % count;
    const decision = threefry2x32(key, [counter, Math.max(index, partner)])[0] & 1;
    if (decision === 1) index = partner;
  }
  return index;
}

/** Throws unless `count` is a number of rows that the shuffle can order. */
export function checkRows(count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > MAXIMUM_ROWS) {
    throw new Error(`the shuffle orders 1 to ${MAXIMUM_ROWS} rows, not ${count}`);
  }
}
