/**
 * The constants of BLAKE3, once, for the TypeScript definition and the generated kernels.
 *
 * Source: O'Connor, Aumasson, Neves, Wilcox-O'Hearn, "BLAKE3: one function, fast everywhere", 2020.
 */
export const CHUNK_BYTES = 1024;
export const BLOCK_BYTES = 64;

/** The flags of hash mode (table 3 of the paper). */
export const BLAKE3_FLAGS = { chunkStart: 1, chunkEnd: 2, parent: 4, root: 8 } as const;

/** The initial chaining value, which is SHA-256's. */
export const BLAKE3_IV: readonly number[] = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

const PERMUTATION = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8] as const;

/** For each of the 7 rounds, which message word stands at each of the 16 places. */
export const BLAKE3_SCHEDULE: readonly (readonly number[])[] = schedule();

/** The four state words of a quarter-round, named as in the definition of `G`. */
export type Quarter = readonly [a: number, b: number, c: number, d: number];

/** The eight quarter-rounds of a round: four columns, then four diagonals. Each half works on 16 different words. */
export const BLAKE3_QUARTERS: readonly Quarter[] = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
];

function schedule(): number[][] {
  const rounds = [Array.from({ length: 16 }, (_, place) => place)];
  while (rounds.length < 7) {
    const last = rounds[rounds.length - 1]!;
    rounds.push(PERMUTATION.map((from) => last[from]!));
  }
  return rounds;
}
