// biome-ignore-all lint/performance/noBarrelFile: the one list of what the language of expressions has beyond instructions.
/**
 * The composed functions: everything beyond the scalar instructions, as expressions of them, so that each machine gets
 * the same bits. `docs/arithmetic.md` defines them in prose and states their measured errors.
 */
export { erf, sigmoid, softplus, tanh } from './math/activation.js';
export { exp, exp2, expm1 } from './math/exponential.js';
export { acosh, asinh, atanh, cosh, sinh } from './math/hyperbolic.js';
export {
  floorDiv,
  floorMod,
  idivs,
  imaxs,
  imins,
  irems,
  logicalAnd,
  logicalNot,
  logicalOr,
  truthy,
} from './math/integer.js';
export { acos, asin, atan, atan2 } from './math/inverse-trigonometric.js';
export { log, log1p } from './math/logarithm.js';
export { pow } from './math/power.js';
export { ceil, fge, fgt, fne, isNaN, reciprocal, round, rsqrt, sign, square, trunc } from './math/rounding.js';
export { cos, sin, tan } from './math/trigonometric.js';
