/**
 * Which intervals a verifier replays, and what that is worth.
 *
 * Interval `i` is the segment of the run between trace leaves `i` and `i + 1`.
 */
import { randomBytes } from 'node:crypto';
import { keccak256 } from '../commitments/keccak.js';

/** Every interval. */
export function allIntervals(count: number): number[] {
  return Array.from({ length: count }, (_, interval) => interval);
}

/** The intervals of shard `shard` (from 1) of `shards`: every `shards`-th one, so that shards take equally long. */
export function shardIntervals(count: number, shard: number, shards: number): number[] {
  return allIntervals(count).filter((interval) => interval % shards === shard - 1);
}

/**
 * Draws `size` different intervals.
 *
 * With a beacon the draw is a function of the beacon and the trace, so that others can check that it was not chosen:
 * draw `t` is keccak256(beacon ‖ traceRoot ‖ t as 8 bytes), read as a big-endian integer modulo `count`, and a repeated
 * interval is skipped. Without a beacon the verifier's own private randomness takes its place.
 */
export function sampleIntervals(count: number, size: number, traceRoot: Uint8Array, beacon?: Uint8Array): number[] {
  const seed = beacon ?? randomBytes(32);
  const wanted = Math.min(size, count);
  const chosen = new Set<number>();
  for (let draw = 0n; chosen.size < wanted; draw++) {
    const preimage = new Uint8Array(seed.length + traceRoot.length + 8);
    preimage.set(seed);
    preimage.set(traceRoot, seed.length);
    new DataView(preimage.buffer).setBigUint64(preimage.length - 8, draw);
    chosen.add(Number(toInteger(keccak256(preimage)) % BigInt(count)));
  }
  return [...chosen].sort((a, b) => a - b);
}

function toInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

/**
 * The probability that a random sample of `checked` out of `count` intervals holds at least one of `altered` ones:
 * 1 − C(count − altered, checked) / C(count, checked).
 */
export function detectionProbability(count: number, checked: number, altered: number): number {
  if (altered <= 0 || checked <= 0) return 0;
  if (checked + altered > count) return 1;
  let missed = 1;
  for (let drawn = 0; drawn < checked; drawn++) missed *= (count - altered - drawn) / (count - drawn);
  return 1 - missed;
}
