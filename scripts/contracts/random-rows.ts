/** Operands that make rounding hard: ties, cancellation, results at the edges of subnormal numbers and of infinity. */
import { bitsOf, fusedMultiplyAdd, valueOf } from '../../src/numerics/float32.js';
import { ADVERSARIAL_WORDS, type Random } from '../../test/referee/random-operators.js';

/** Rows of three words: a, b, c of one operation. */
export function randomRows(random: Random, count: number): Uint32Array {
  const rows = new Uint32Array(3 * count);
  for (let row = 0; row < count; row++) rows.set(randomRow(random), 3 * row);
  return rows;
}

/** Every word that machines like to disagree on with every other, and each pair with each of `thirds`. */
export function specialGrid(thirds: readonly number[]): Uint32Array {
  const pairs = ADVERSARIAL_WORDS.flatMap((a) => ADVERSARIAL_WORDS.map((b) => [a, b] as const));
  return Uint32Array.from(pairs.flatMap(([a, b]) => thirds.flatMap((c) => [a, b, c])));
}

function randomRow(random: Random): [number, number, number] {
  const a = random.word();
  switch (random.below(5)) {
    case 0:
      return [a, random.word(), random.word()];
    case 1:
      // Neighbouring exponents and few bits: ties.
      return [sparse(random, 0x3f800000), sparse(random, 0x3f800000), sparse(random, 0x3f800000)];
    case 2: {
      // c all but cancels the product.
      const b = nearOne(random);
      const c = bitsOf(-fusedMultiplyAdd(valueOf(a), valueOf(b), 0));
      return [a, b, (c + random.below(5) - 2) >>> 0];
    }
    case 3:
      // Products and quotients around the smallest numbers.
      return [
        sparse(random, 0x20000000),
        sparse(random, random.below(2) === 0 ? 0x1f800000 : 0x5f800000),
        random.word(),
      ];
    default:
      // Sums of numbers a few places apart.
      return [a, (a + ((random.below(61) - 30) << 23) + random.below(3) + 0x80000000 * random.below(2)) >>> 0, a];
  }
}

/** A number whose exponent is near that of `base`, with a significand that has few bits or nearly all. */
function sparse(random: Random, base: number): number {
  const exponent = (random.below(60) - 30) << 23;
  const bits = (1 << random.below(24)) | (1 << random.below(24)) | (1 << random.below(24));
  const significand = (random.below(2) === 0 ? bits : ~bits) & 0x7fffff;
  return ((base + exponent) | significand | (random.below(2) === 0 ? 0 : 0x80000000)) >>> 0;
}

function nearOne(random: Random): number {
  return 0x3f800000 + random.below(1 << 24) - (1 << 23);
}
