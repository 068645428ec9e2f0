/** Bytes that are almost a valid file: changed, cut off, repeated, put together from two. */
import type { Random } from '../../test/referee/random-operators.js';

const EDGES = [
  0n,
  1n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];
const WIDTHS = [1, 2, 4, 8] as const;
const MOST_RANDOM_BYTES = 300;

type Mutation = (random: Random, bytes: Buffer, other: Uint8Array) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  (random, bytes) => {
    const at = place(random, bytes);
    if (at < bytes.length) bytes[at]! ^= 1 << random.below(8);
    return bytes;
  },
  (random, bytes) => {
    const at = place(random, bytes);
    if (at < bytes.length) bytes[at] = random.below(256);
    return bytes;
  },
  writeEdge,
  (random, bytes) => bytes.subarray(0, place(random, bytes)),
  (random, bytes) => {
    const at = place(random, bytes);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(16))]);
  },
  (random, bytes) => {
    const [from, at] = [place(random, bytes), place(random, bytes)];
    const copied = bytes.subarray(from, from + 1 + random.below(64));
    return Buffer.concat([bytes.subarray(0, at), copied, bytes.subarray(at)]);
  },
  (random, bytes, other) =>
    Buffer.concat([bytes.subarray(0, place(random, bytes)), other.subarray(place(random, other))]),
  (random, bytes) => {
    const at = place(random, bytes);
    return Buffer.concat([bytes.subarray(0, at), randomBytes(random, 1 + random.below(16)), bytes.subarray(at)]);
  },
];

/** One of the samples, changed one to four times; now and then one unchanged, or bytes that are nothing at all. */
export function mutateBytes(random: Random, samples: readonly Uint8Array[]): Uint8Array {
  const sample = (): Uint8Array => samples[random.below(samples.length)]!;
  const kind = random.below(40);
  if (kind === 0) return randomBytes(random, random.below(MOST_RANDOM_BYTES));
  let bytes: Uint8Array = sample().slice();
  if (kind === 1) return bytes;
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    bytes = MUTATIONS[random.below(MUTATIONS.length)]!(random, Buffer.from(bytes), sample());
  }
  // A copy of its own: a view of Node's pool would show its neighbours, and is not aligned.
  return new Uint8Array(bytes);
}

/** Any place, half of the time near the start, where the lengths are. */
function place(random: Random, bytes: Uint8Array): number {
  return random.below((random.below(2) === 0 ? Math.min(64, bytes.length) : bytes.length) + 1);
}

function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256));
}

/** A number at an edge over some bytes, in either order. */
function writeEdge(random: Random, bytes: Buffer): Uint8Array {
  const width = WIDTHS[random.below(WIDTHS.length)]!;
  if (bytes.length < width) return bytes;
  const at = Math.min(place(random, bytes), bytes.length - width);
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(EDGES[random.below(EDGES.length)]!);
  const digits = number.subarray(0, width);
  bytes.set(random.below(2) === 0 ? digits : digits.reverse(), at);
  return bytes;
}
