/**
 * sin, cos, tan over all binary32 numbers: exact range reduction with a 96-bit window of 2/π (Payne and Hanek,
 * "Radian reduction for trigonometric functions", 1983) in integer instructions, then polynomials on |r| ≤ π/4.
 */
import { CANONICAL_NAN } from '../../numerics/float32.js';
import type { F32, I32 } from '../expression.js';
import {
  bitsf,
  f32,
  f32Bits,
  fadd,
  fbits,
  fdiv,
  flt,
  fmul,
  fselect,
  fsub,
  ftoi,
  i32,
  iadd,
  iand,
  iltu,
  imul,
  imulhu,
  ior,
  iselect,
  ishl,
  ishrs,
  ishru,
  isub,
  itof,
  ixor,
} from '../expression.js';
import { horner } from './polynomial.js';

/** (sin r − r) / r³ and (cos r − 1 + r²/2) / r⁴ as polynomials in r², |r| ≤ π/4 (Cephes `sinf.c`). */
const SIN_TAIL = [-1.6666654611e-1, 8.3321608736e-3, -1.9515295891e-4];
const COS_TAIL = [4.166664568298827e-2, -1.388731625493765e-3, 2.443315711809948e-5];

/** sin r for |r| ≤ π/4 and a little more. */
function sinOfReduced(r: F32): F32 {
  const square = fmul(r, r);
  return fadd(r, fmul(fmul(r, square), horner(square, SIN_TAIL)));
}

/** cos r for |r| ≤ π/4 and a little more. */
function cosOfReduced(r: F32): F32 {
  const square = fmul(r, r);
  const tail = fmul(fmul(square, square), horner(square, COS_TAIL));
  return fsub(f32(1), fsub(fmul(square, f32(0.5)), tail));
}

/** sin(q·π/2 + r) from the quadrant q (modulo 4) and the rest r. */
export function sinOfQuadrant(quadrant: I32, r: F32): F32 {
  const value = fselect(iand(quadrant, i32(1)), cosOfReduced(r), sinOfReduced(r));
  return flipSign(value, ishl(quadrant, i32(30)));
}

/** `value` with its sign changed where the top bit of `mask` is set. */
function flipSign(value: F32, mask: I32): F32 {
  return bitsf(ixor(fbits(value), iand(mask, i32(0x80000000))));
}

/** |x| = quadrant·π/2 + rest, the quadrant modulo 4 and |rest| ≤ π/4; without meaning where x is not finite. */
interface Reduced {
  readonly quadrant: I32;
  readonly rest: F32;
}

/** The bits of 2/π behind 33 zeros, so that a window of 96 bits at bit `exponent` ≥ 0 starts within it. */
const TWO_OVER_PI = [0, 0x517cc1b7, 0x27220a94, 0xfe13abe8, 0xfa9a6ee0, 0x6db14acc, 0x9e21c820];

/** The numbers below this one are their own rest. It is π/4 rounded down. */
const QUARTER_PI = f32Bits(0x3f490fda);

function reduce(magnitudeBits: I32): Reduced {
  const magnitude = bitsf(magnitudeBits);
  const { high, low } = timesTwoOverPi(magnitudeBits);
  // Bits 31 and 30 of `high` are the quadrant of the floor; bit 29 says that the next quadrant is nearer.
  const nextIsNearer = ishrs(ishl(high, i32(2)), i32(31));
  const distanceHigh = iand(ixor(high, nextIsNearer), i32(0x3fffffff));
  const distance = timesHalfPi(distanceHigh, ixor(low, nextIsNearer));
  const isSmall = flt(magnitude, QUARTER_PI);
  const quadrant = isub(ishru(high, i32(30)), nextIsNearer);
  return {
    quadrant: iselect(isSmall, i32(0), quadrant),
    rest: fselect(isSmall, magnitude, flipSign(distance, nextIsNearer)),
  };
}

/** |x|·2/π modulo 4, in units of 2^-62, for |x| ≥ ½. */
function timesTwoOverPi(magnitudeBits: I32): { readonly high: I32; readonly low: I32 } {
  const biased = ishru(magnitudeBits, i32(23));
  // Numbers in [½, 1) are taken as half a mantissa with the exponent of 1, so that the exponents are 0 … 127.
  const belowOne = iltu(biased, i32(127));
  const exponent = iadd(isub(biased, i32(127)), belowOne);
  const whole = ior(ishl(magnitudeBits, i32(8)), i32(0x80000000));
  const mantissa = iselect(belowOne, ishru(whole, i32(1)), whole);
  const [top, middle, bottom] = windowOfTwoOverPi(exponent);
  const carryIn = imulhu(mantissa, bottom);
  const low = iadd(imul(mantissa, middle), carryIn);
  const carry = iltu(low, carryIn);
  const high = iadd(iadd(imul(mantissa, top), imulhu(mantissa, middle)), carry);
  return { high, low };
}

/** The 96 bits of {@link TWO_OVER_PI} that start at bit `at`, 0 ≤ at < 128: a choice of words, then a funnel shift. */
function windowOfTwoOverPi(at: I32): readonly [I32, I32, I32] {
  const byTwo = iand(at, i32(64));
  const byOne = iand(at, i32(32));
  const words = TWO_OVER_PI.map(i32);
  const five = [0, 1, 2, 3, 4].map((word) => iselect(byTwo, words[word + 2]!, words[word]!));
  const four = [0, 1, 2, 3].map((word) => iselect(byOne, five[word + 1]!, five[word]!));
  const factor = powerOfTwoModulo32(at);
  const funnel = (left: I32, right: I32): I32 => ior(imul(left, factor), imulhu(right, factor));
  return [funnel(four[0]!, four[1]!), funnel(four[1]!, four[2]!), funnel(four[2]!, four[3]!)];
}

/**
 * 2^(at mod 32) without a shift by a variable count, which vector units lack: −2^k as a binary32 pattern, converted.
 * The negative is taken because −2^31 does not saturate.
 */
function powerOfTwoModulo32(at: I32): I32 {
  const signAndExponent = iadd(iand(at, i32(31)), i32(256 + 127));
  return isub(i32(0), ftoi(bitsf(ishl(signAndExponent, i32(23)))));
}

/** π/2 in two parts: 12 significant bits, so that products with 12 bits are exact, and the rest. */
const HALF_PI = 1.5707963267948966;
const HALF_PI_HIGH = 1.5703125;
const HALF_PI_LOW = HALF_PI - HALF_PI_HIGH;
const UNIT = 2 ** -30;

/** (high·2^32 + low)·2^-62·π/2 for 0 ≤ high < 2^29, rounded nearly once although up to 31 bits lead with zeros. */
function timesHalfPi(high: I32, low: I32): F32 {
  const coarse = itof(iand(high, i32(0xffffff00)));
  const fine = fadd(itof(iand(high, i32(0xff))), fmul(itof(ishru(low, i32(8))), f32(2 ** -24)));
  const sum = fadd(coarse, fine);
  const lost = fsub(fine, fsub(sum, coarse));
  const leading = bitsf(iand(fbits(sum), i32(0xfffff000)));
  const trailing = fadd(fsub(sum, leading), lost);
  const correction = fadd(fmul(leading, f32(HALF_PI_LOW * UNIT)), fmul(trailing, f32(HALF_PI * UNIT)));
  return fadd(fmul(leading, f32(HALF_PI_HIGH * UNIT)), correction);
}

const SIGN = i32(0x80000000);
const MAGNITUDE = i32(0x7fffffff);

/** NaN unless the number with these magnitude bits is finite. */
function whereFinite(magnitudeBits: I32, value: F32): F32 {
  return fselect(iltu(magnitudeBits, i32(0x7f800000)), value, f32Bits(CANONICAL_NAN));
}

/** sin x. Keeps −0; ±∞ → NaN. */
export function sin(x: F32): F32 {
  const magnitudeBits = iand(fbits(x), MAGNITUDE);
  const { quadrant, rest } = reduce(magnitudeBits);
  const value = fselect(iand(quadrant, i32(1)), cosOfReduced(rest), sinOfReduced(rest));
  const signs = ixor(ishl(quadrant, i32(30)), fbits(x));
  return whereFinite(magnitudeBits, bitsf(ixor(fbits(value), iand(signs, SIGN))));
}

/** cos x. ±∞ → NaN. */
export function cos(x: F32): F32 {
  const magnitudeBits = iand(fbits(x), MAGNITUDE);
  const { quadrant, rest } = reduce(magnitudeBits);
  return whereFinite(magnitudeBits, sinOfQuadrant(iadd(quadrant, i32(1)), rest));
}

/** tan x as sin x / cos x: three roundings more than one. Keeps −0; ±∞ → NaN. */
export function tan(x: F32): F32 {
  return fdiv(sin(x), cos(x));
}
