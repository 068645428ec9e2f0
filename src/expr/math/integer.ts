/** Signed integer and logical operations, composed from the unsigned instructions. */
import type { I32 } from '../expression.js';
import {
  i32,
  iadd,
  iand,
  idivu,
  ieq,
  ilts,
  imul,
  inot,
  ior,
  iremu,
  iselect,
  ishrs,
  isub,
  ixor,
} from '../expression.js';

/** −1 where a < 0, else 0. */
const signMask = (a: I32): I32 => ishrs(a, i32(31));
/** −a where the mask is −1, a where it is 0. */
const negateWhere = (a: I32, mask: I32): I32 => isub(ixor(a, mask), mask);
/** |a|, to be read as unsigned: −2^31 gives 2^31. */
const magnitude = (a: I32): I32 => negateWhere(a, signMask(a));

/** Signed quotient, truncated; division by zero gives 0, and −2^31 / −1 wraps to −2^31. */
export function idivs(a: I32, b: I32): I32 {
  return negateWhere(idivu(magnitude(a), magnitude(b)), signMask(ixor(a, b)));
}

/** Signed remainder with the sign of `a`; division by zero gives 0. */
export function irems(a: I32, b: I32): I32 {
  return negateWhere(iremu(magnitude(a), magnitude(b)), signMask(a));
}

/** 1 where the truncated quotient is one above the floor: a remainder is left, and the signs differ. */
function needsFloor(a: I32, b: I32, remainder: I32): I32 {
  return iand(inot(ieq(remainder, i32(0))), ilts(ixor(a, b), i32(0)));
}

/** Quotient rounded to −∞; division by zero gives 0. */
export function floorDiv(a: I32, b: I32): I32 {
  return isub(idivs(a, b), needsFloor(a, b, irems(a, b)));
}

/** a − b·floor(a/b), with the sign of `b`; division by zero gives 0. */
export function floorMod(a: I32, b: I32): I32 {
  const remainder = irems(a, b);
  return iadd(remainder, imul(needsFloor(a, b, remainder), b));
}

/** The smaller of two signed integers. */
export const imins = (a: I32, b: I32): I32 => iselect(ilts(b, a), b, a);
/** The larger of two signed integers. */
export const imaxs = (a: I32, b: I32): I32 => iselect(ilts(a, b), b, a);

/** 1 where an integer is not 0. */
export const truthy = (a: I32): I32 => inot(inot(a));
/** 1 where both integers are not 0. */
export const logicalAnd = (a: I32, b: I32): I32 => iand(truthy(a), truthy(b));
/** 1 where one of two integers is not 0. */
export const logicalOr = (a: I32, b: I32): I32 => truthy(ior(a, b));
/** 1 where an integer is 0. */
export const logicalNot = inot;
