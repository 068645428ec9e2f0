/**
 * Words that may be more than memory holds: what hashing, opening and loading need of them. A `Uint32Array` is one, and
 * a part of a file is another.
 */
export interface WordSource {
  /** In words. */
  readonly length: number;
  /** Word `index`, an unsigned 32-bit number; undefined behind the end. */
  at(index: number): number | undefined;
  /** Words `from` … `to − 1`, or fewer at the end: the data themselves or a copy, so nobody may write to it. */
  subarray(from: number, to: number): Uint32Array;
}

/** 1 MiB: long enough for a disk, short enough to be nothing beside a program. */
const PIECE_WORDS = 2 ** 18;

/** True for words that lie in memory. */
export function isInMemory(words: WordSource): words is Uint32Array {
  return ArrayBuffer.isView(words);
}

/** All words in memory: themselves, or read as a whole. */
export function inMemory(words: WordSource): Uint32Array {
  return isInMemory(words) ? words : words.subarray(0, words.length);
}

/** The words in order: in one piece where they lie in memory, else in pieces of 1 MiB. */
export function* piecesOf(words: WordSource): Generator<{ readonly first: number; readonly words: Uint32Array }> {
  if (isInMemory(words)) {
    yield { first: 0, words };
    return;
  }
  for (let first = 0; first < words.length; first += PIECE_WORDS) {
    yield { first, words: words.subarray(first, first + PIECE_WORDS) };
  }
}
