/**
 * Threefry-2x32 with 20 rounds: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011).
 *
 * The rounds are written once, over any kind of 32-bit word, so that numbers and expressions cannot drift apart. The
 * bits are those of Random123's `threefry2x32` and of JAX's `threefry2x32` primitive.
 */

/** What Threefry needs of a 32-bit word. */
export interface WordArithmetic<Word> {
  readonly constant: (bits: number) => Word;
  /** Sum modulo 2^32. */
  readonly add: (a: Word, b: Word) => Word;
  readonly xor: (a: Word, b: Word) => Word;
  /** Rotation to the left by 1 … 31 bits. */
  readonly rotateLeft: (a: Word, count: number) => Word;
}

const ROUNDS = 20;
const ROUNDS_PER_INJECTION = 4;
const ROTATIONS: readonly number[] = [13, 15, 26, 6, 17, 29, 16, 24];
/** The parity of the key schedule (Skein 1.3), so that an all-zero key is no special case. */
const KEY_PARITY = 0x1bd11bda;

/** One Threefry-2x32-20 block over any word arithmetic. */
export function threefryBlock<Word>(
  arithmetic: WordArithmetic<Word>,
  key: readonly [Word, Word],
  counter: readonly [Word, Word],
): [Word, Word] {
  const { add, xor, rotateLeft, constant } = arithmetic;
  const schedule: readonly Word[] = [key[0], key[1], xor(xor(key[0], key[1]), constant(KEY_PARITY))];
  let left = add(counter[0], key[0]);
  let right = add(counter[1], key[1]);
  for (let round = 0; round < ROUNDS; round++) {
    left = add(left, right);
    right = xor(rotateLeft(right, ROTATIONS[round % ROTATIONS.length]!), left);
    if ((round + 1) % ROUNDS_PER_INJECTION !== 0) continue;
    const injection = (round + 1) / ROUNDS_PER_INJECTION;
    left = add(left, schedule[injection % 3]!);
    // The injection's number joins the key word first: where the key is constant, this sum is constant too.
    right = add(right, add(schedule[(injection + 1) % 3]!, constant(injection)));
  }
  return [left, right];
}

const NUMBERS: WordArithmetic<number> = {
  constant: (bits) => bits >>> 0,
  add: (a, b) => (a + b) >>> 0,
  xor: (a, b) => (a ^ b) >>> 0,
  rotateLeft: (a, count) => ((a << count) | (a >>> (32 - count))) >>> 0,
};

/** The block of a counter under a key; all words are unsigned 32-bit numbers. */
export function threefry2x32(key: readonly [number, number], counter: readonly [number, number]): [number, number] {
  return threefryBlock(NUMBERS, [key[0] >>> 0, key[1] >>> 0], [counter[0] >>> 0, counter[1] >>> 0]);
}

/** `gens` in ASCII: the second counter word of stream keys. */
const STREAM_TAG = 0x67656e73;

/**
 * The key of one random stream of a seed: the block of (stream, `gens`) under the seed's low and high words.
 *
 * Seed 0 is a seed like any other.
 *
 * @param seed a safe integer ≥ 0
 * @param stream an unsigned 32-bit number
 */
export function streamKey(seed: number, stream: number): [number, number] {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`a seed is a safe integer from 0, not ${seed}`);
  if (!Number.isInteger(stream) || stream < 0 || stream > 0xffffffff) {
    throw new Error(`a stream is an unsigned 32-bit number, not ${stream}`);
  }
  return threefry2x32([seed >>> 0, Math.floor(seed / 0x100000000)], [stream, STREAM_TAG]);
}
