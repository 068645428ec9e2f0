/**
 * Binary32 arithmetic on 32-bit integers, as WGSL text. A float travels as its bits in a `u32`.
 *
 * Integer arithmetic is the only thing that WGSL defines to the last bit: floats may be flushed, divisions and square
 * roots may be some units off, and compilers may rewrite both. So everything but sums and products is always computed
 * here, and those too on devices that get them wrong.
 *
 * Almost everything is written without branches, with `select` and the logical operators that evaluate both sides:
 * drivers put each function into each of its callers, and some need minutes for hundreds of branches.
 */

/** Packing, and what all operations need. */
export const SOFT_FLOAT_BASE = /* wgsl */ `
const NAN_BITS = 0x7fc00000u;
const INFINITY_BITS = 0x7f800000u;
const MAGNITUDE = 0x7fffffffu;
const SIGN = 0x80000000u;

fn is_nan(a: u32) -> bool { return (a & MAGNITUDE) > INFINITY_BITS; }

fn canonical(a: u32) -> u32 { return select(a, NAN_BITS, is_nan(a)); }

// value · 2^-count; bits that fall out stay visible in bit 0. Counts beyond 31 are 31: only the sticky bit matters there.
fn shift_sticky(value: u32, count: u32) -> u32 {
  let places = min(count, 31u);
  let kept = value >> places;
  return kept | u32((kept << places) != value);
}

// (-1)^sign · significand · 2^(exponent - 127 - 31), rounded to nearest, ties to even. The significand's highest bit is
// bit 31, its bit 0 is sticky; the exponent is below 512.
fn round_pack(sign: u32, exponent: i32, significand: u32) -> u32 {
  let m = shift_sticky(significand, u32(max(1 - exponent, 0)));
  let kept = m >> 8u;
  let rounded = kept + u32((m & 255u) + (kept & 1u) > 128u);
  return sign | min((u32(max(exponent, 1) - 1) << 23u) + rounded, INFINITY_BITS);
}

// x: exponent as if normal, y: significand with its highest bit at 23, or 0; for finite values
fn unpack(a: u32) -> vec2<u32> {
  let magnitude = a & MAGNITUDE;
  let subnormal = magnitude < 0x00800000u;
  let shift = select(0u, countLeadingZeros(magnitude) - 8u, subnormal);
  let significand = select((a & 0x007fffffu) | 0x00800000u, magnitude << shift, subnormal);
  return vec2<u32>(select(magnitude >> 23u, 1u - shift, subnormal), significand);
}

// x: high word, y: low word
fn multiply_wide(a: u32, b: u32) -> vec2<u32> {
  let a0 = a & 0xffffu;
  let a1 = a >> 16u;
  let b0 = b & 0xffffu;
  let b1 = b >> 16u;
  let low = a0 * b0;
  let middle = a1 * b0 + (low >> 16u);
  let cross = a0 * b1 + (middle & 0xffffu);
  return vec2<u32>(a1 * b1 + (middle >> 16u) + (cross >> 16u), (cross << 16u) | (low & 0xffffu));
}
`;

/** Sums and products. */
export const SOFT_SUMS_AND_PRODUCTS = /* wgsl */ `
fn soft_add(a: u32, b: u32) -> u32 {
  let swapped = (b & MAGNITUDE) > (a & MAGNITUDE);
  let x = select(a, b, swapped);
  let y = select(b, a, swapped);
  let ux = unpack(x);
  let uy = unpack(y);
  let big = ux.y << 7u;
  let small = shift_sticky(uy.y << 7u, ux.x - uy.x);
  let sum = select(big + small, big - small, ((x ^ y) & SIGN) != 0u);
  let zeros = countLeadingZeros(sum);
  let finite = round_pack(x & SIGN, i32(ux.x) + 1 - i32(zeros), sum << (zeros & 31u));
  // The zero of a cancellation is positive, and so is that of zeros of both signs.
  let value = select(finite, x & y & SIGN, sum == 0u);
  let unbounded = select(x, NAN_BITS, ((x & MAGNITUDE) > INFINITY_BITS) | (y == (x ^ SIGN)));
  return select(value, unbounded, (x & MAGNITUDE) >= INFINITY_BITS);
}

fn soft_mul(a: u32, b: u32) -> u32 {
  let sign = (a ^ b) & SIGN;
  let big = max(a & MAGNITUDE, b & MAGNITUDE);
  let small = min(a & MAGNITUDE, b & MAGNITUDE);
  let ux = unpack(a);
  let uy = unpack(b);
  let wide = multiply_wide(ux.y << 8u, uy.y << 8u);
  let zeros = countLeadingZeros(wide.x) & 1u;
  let high = select(wide.x, (wide.x << 1u) | (wide.y >> 31u), zeros == 1u);
  let finite = round_pack(sign, i32(ux.x + uy.x) - 126 - i32(zeros), high | u32((wide.y << zeros) != 0u));
  let value = select(select(finite, sign, small == 0u), sign | INFINITY_BITS, big == INFINITY_BITS);
  return select(value, NAN_BITS, (big > INFINITY_BITS) | ((big == INFINITY_BITS) & (small == 0u)));
}
`;

/** Quotient, root, fused multiply-add, and everything that is a matter of bits. */
export const SOFT_FUNCTIONS = /* wgsl */ `
// One digit of a quotient in base 256. x: the remainder, y: the quotient so far.
fn divide_digit(state: vec2<u32>, divisor: u32) -> vec2<u32> {
  let part = state.x << 8u;
  let digit = part / divisor;
  return vec2<u32>(part - digit * divisor, (state.y << 8u) | digit);
}

fn f_div(a: u32, b: u32) -> u32 {
  let sign = (a ^ b) & SIGN;
  let x = a & MAGNITUDE;
  let y = b & MAGNITUDE;
  let ux = unpack(a);
  let uy = unpack(b);
  let divisor = max(uy.y, 1u);
  let smaller = ux.y < uy.y;
  // The first digit is 1; every remainder is below 2^24.
  let first = vec2<u32>(select(ux.y, ux.y << 1u, smaller) - uy.y, 1u);
  let last = divide_digit(divide_digit(divide_digit(first, divisor), divisor), divisor);
  let finite = round_pack(sign, i32(ux.x - uy.x) + 127 - i32(smaller), (last.y << 7u) | u32(last.x != 0u));
  let value = select(finite, sign, (x == 0u) | (y == INFINITY_BITS));
  let unbounded = select(value, sign | INFINITY_BITS, (x == INFINITY_BITS) | (y == 0u));
  let invalid = (max(x, y) > INFINITY_BITS) | ((x == y) & ((x == 0u) | (x == INFINITY_BITS)));
  return select(unbounded, NAN_BITS, invalid);
}

fn f_sqrt(a: u32) -> u32 {
  let u = unpack(a);
  let exponent = i32(u.x) - 127;
  let odd = u32(exponent & 1);
  // Two digits of the radicand give one of the root.
  var digits = u.y << (7u + odd);
  var rest = 0u;
  var root = 0u;
  for (var digit = 0u; digit < 25u; digit++) {
    rest = (rest << 2u) | (digits >> 30u);
    digits = digits << 2u;
    let trial = (root << 2u) | 1u;
    let fits = rest >= trial;
    rest = select(rest, rest - trial, fits);
    root = (root << 1u) | u32(fits);
  }
  let finite = round_pack(0u, ((exponent - i32(odd)) >> 1u) + 127, (root << 7u) | u32(rest != 0u));
  let value = select(finite, a, ((a & MAGNITUDE) == 0u) | (a == INFINITY_BITS));
  return select(value, NAN_BITS, is_nan(a) | (a > SIGN));
}

// a 64-bit value (x high, y low) · 2^-count, sticky in bit 0
fn shift_wide_sticky(value: vec2<u32>, count: u32) -> vec2<u32> {
  if (count == 0u) { return value; }
  if (count > 63u) { return vec2<u32>(0u, u32((value.x | value.y) != 0u)); }
  if (count > 31u) {
    let low = shift_sticky(value.x, count - 32u);
    return vec2<u32>(0u, low | u32(value.y != 0u));
  }
  let low = (value.y >> count) | (value.x << (32u - count)) | u32((value.y << (32u - count)) != 0u);
  return vec2<u32>(value.x >> count, low);
}

fn f_fma(a: u32, b: u32, c: u32) -> u32 {
  if (is_nan(a) || is_nan(b) || is_nan(c)) { return NAN_BITS; }
  let x = a & MAGNITUDE;
  let y = b & MAGNITUDE;
  let z = c & MAGNITUDE;
  // Where the product is infinite, invalid or zero, or the addend infinite, two roundings are one.
  if (x == INFINITY_BITS || y == INFINITY_BITS || x == 0u || y == 0u) { return soft_add(soft_mul(a, b), c); }
  if (z == INFINITY_BITS) { return c; }
  if (z == 0u) { return soft_mul(a, b); }
  let ux = unpack(a);
  let uy = unpack(b);
  let uz = unpack(c);
  // Both with their highest bit at 62 of 64.
  var product = multiply_wide(ux.y << 8u, uy.y << 7u);
  var product_exponent = i32(ux.x + uy.x) - 127 + 1;
  if ((product.x & 0x40000000u) == 0u) {
    product = vec2<u32>((product.x << 1u) | (product.y >> 31u), product.y << 1u);
    product_exponent = product_exponent - 1;
  }
  return add_wide(product, product_exponent, (a ^ b) & SIGN, vec2<u32>(uz.y << 7u, 0u), i32(uz.x), c & SIGN);
}

fn add_wide(p: vec2<u32>, p_exponent: i32, p_sign: u32, q: vec2<u32>, q_exponent: i32, q_sign: u32) -> u32 {
  let below = p.x < q.x || (p.x == q.x && p.y < q.y);
  let swapped = q_exponent > p_exponent || (q_exponent == p_exponent && below);
  let big = select(p, q, swapped);
  let exponent = select(p_exponent, q_exponent, swapped);
  let sign = select(p_sign, q_sign, swapped);
  let other = select(q_exponent, p_exponent, swapped);
  let small = shift_wide_sticky(select(q, p, swapped), u32(exponent - other));
  var sum = vec2<u32>(big.x + small.x, big.y + small.y);
  if (p_sign == q_sign) { sum.x = sum.x + u32(sum.y < small.y); }
  else { sum = vec2<u32>(big.x - small.x - u32(big.y < small.y), big.y - small.y); }
  if ((sum.x | sum.y) == 0u) { return 0u; }
  var zeros = countLeadingZeros(sum.x);
  if (sum.x == 0u) {
    sum = vec2<u32>(sum.y, 0u);
    zeros = countLeadingZeros(sum.x) + 32u;
  }
  let shift = zeros & 31u;
  let high = select(sum.x, (sum.x << shift) | (sum.y >> ((32u - shift) & 31u)), shift != 0u);
  let low = sum.y << shift;
  return round_pack(sign, exponent + 1 - i32(zeros), high | u32(low != 0u));
}

// Orders bits like the numbers they stand for, -0 below +0.
fn order_key(a: u32) -> u32 { return a ^ select(SIGN, 0xffffffffu, a >= SIGN); }

fn f_min(a: u32, b: u32) -> u32 {
  return select(select(b, a, order_key(a) < order_key(b)), NAN_BITS, is_nan(a) | is_nan(b));
}

fn f_max(a: u32, b: u32) -> u32 {
  return select(select(b, a, order_key(a) > order_key(b)), NAN_BITS, is_nan(a) | is_nan(b));
}

fn f_floor(a: u32) -> u32 {
  let exponent = (a >> 23u) & 255u;
  // What lies behind the point; nothing from 2^23 on.
  let fraction = 0x007fffffu >> (clamp(exponent, 127u, 150u) - 127u);
  let rounded = (a + select(0u, fraction, a >= SIGN)) & ~fraction;
  return select(rounded, select(a & SIGN, 0xbf800000u, a > SIGN), exponent < 127u);
}

fn f_nearest(a: u32) -> u32 {
  let exponent = (a >> 23u) & 255u;
  let shift = 150u - clamp(exponent, 127u, 149u);
  let odd = (a >> shift) & 1u;
  let rounded = (a + (1u << (shift - 1u)) - 1u + odd) & ~((1u << shift) - 1u);
  let above_half = (exponent == 126u) & ((a & 0x007fffffu) != 0u);
  let small = (a & SIGN) | select(0u, 0x3f800000u, above_half);
  return select(select(rounded, a, exponent >= 150u), small, exponent < 127u);
}

fn f_eq(a: u32, b: u32) -> u32 {
  return u32(((a == b) & !is_nan(a)) | (((a | b) & MAGNITUDE) == 0u));
}

fn f_lt(a: u32, b: u32) -> u32 {
  return u32((order_key(a) < order_key(b)) & !is_nan(a) & !is_nan(b) & (((a | b) & MAGNITUDE) != 0u));
}

fn f_le(a: u32, b: u32) -> u32 { return f_lt(a, b) | f_eq(a, b); }

fn i_to_f(a: u32) -> u32 {
  let magnitude = select(a, 0u - a, a >= SIGN);
  let zeros = countLeadingZeros(magnitude);
  return select(round_pack(a & SIGN, 158 - i32(zeros), magnitude << (zeros & 31u)), 0u, a == 0u);
}

fn f_to_i(a: u32) -> u32 {
  let exponent = (a >> 23u) & 255u;
  let significand = ((a & 0x007fffffu) | 0x00800000u) << 8u;
  let magnitude = significand >> (158u - clamp(exponent, 127u, 157u));
  let inside = select(magnitude, 0u - magnitude, a >= SIGN);
  let value = select(inside, select(0x7fffffffu, SIGN, a >= SIGN), exponent >= 158u);
  return select(value, 0u, is_nan(a) | (exponent < 127u));
}
`;

/** Integer instructions that WGSL's own operators do not define as the instruction table does. */
export const INTEGER_FUNCTIONS = /* wgsl */ `
fn i_divu(a: u32, b: u32) -> u32 { return select(a / max(b, 1u), 0u, b == 0u); }
fn i_remu(a: u32, b: u32) -> u32 { return select(a % max(b, 1u), 0u, b == 0u); }
fn i_mulhu(a: u32, b: u32) -> u32 { return multiply_wide(a, b).x; }
fn i_rotl(a: u32, b: u32) -> u32 { return (a << (b & 31u)) | ((a >> 1u) >> (31u - (b & 31u))); }
`;
