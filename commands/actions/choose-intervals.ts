/** Which intervals the options of `gensyn verify` ask for. */
import type { Hash } from '../../src/commitments/hash.js';
import { allIntervals, sampleIntervals, shardIntervals } from '../../src/verify/sampling.js';
import type { VerifyOptions } from '../verify.js';

/** Intervals of a run with `count` of them and this trace root. */
export function chooseIntervals(
  count: number,
  traceRoot: Hash,
  { sample, beacon, shard }: Pick<VerifyOptions, 'sample' | 'beacon' | 'shard'>,
): number[] {
  if (shard !== undefined) return shardIntervals(count, shard.index, shard.count);
  if (sample === undefined) return allIntervals(count);
  const bytes = beacon === undefined ? undefined : Uint8Array.from(Buffer.from(beacon.replace(/^0x/, ''), 'hex'));
  return sampleIntervals(count, sample, traceRoot, bytes);
}
