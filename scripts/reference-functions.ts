/** What the composed functions should give, in binary64: the yardstick of the accuracy measurement. */

/** erf with a relative error of a few 2^-53: a series of positive terms, and a continued fraction for the tail. */
export function erf(x: number): number {
  const t = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (t === 0) return x;
  if (t > 6) return Math.sign(x);
  return t < 2.5 ? Math.sign(x) * erfSeries(t) : Math.sign(x) * (1 - erfcFraction(t));
}

/** 2/√π·e^(−t²)·Σ 2^n·t^(2n+1)/(2n+1)!! */
function erfSeries(t: number): number {
  const square = t * t;
  let term = t;
  let sum = t;
  for (let n = 1; term > sum * 1e-18; n++) {
    term *= (2 * square) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-square) * sum;
}

/** Laplace's continued fraction, evaluated backwards. */
function erfcFraction(t: number): number {
  let fraction = t;
  for (let n = 60; n >= 1; n--) fraction = t + n / 2 / fraction;
  return Math.exp(-t * t) / Math.sqrt(Math.PI) / fraction;
}

export function sigmoid(x: number): number {
  return x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
}

export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** C99's pow; JavaScript differs where the base is ±1 and the exponent is infinite or NaN. */
export function pow(x: number, y: number): number {
  if (x === 1) return 1;
  if (x === -1 && Math.abs(y) === Infinity) return 1;
  return x ** y;
}
