/**
 * The bits of the composed functions, frozen. A change here is a change of `ARITHMETIC_VERSION`: every trace made before
 * it would stop verifying.
 */
import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { compileFunction } from '../../scripts/compile-body.js';
import { SUBJECTS } from '../../scripts/measure-accuracy.js';
import { bitsOf, valueOf } from '../../src/numerics/float32.js';
import { threefry2x32 } from '../../src/numerics/threefry.js';

const POINTS = 65_536;

/** First eight bytes of the SHA-256 of the results; the inputs are in docs/arithmetic.md, "Check yourself". */
const DIGESTS: Readonly<Record<string, string>> = {
  exp: '87f1b8855ea28d7e',
  expm1: '8182b0f8c385187a',
  exp2: '371a5bd8f30c205d',
  log: 'dde5642c90ddf35d',
  log1p: '4b081b6ba09dbc96',
  tanh: '995d9fed5ef6e643',
  sigmoid: 'c0f9f10b77053689',
  softplus: '5070bf587c44a6e4',
  erf: '766a7552cc0f00eb',
  sin: '54e6cbaccd8eca2e',
  cos: 'efb0706e3802c6fc',
  tan: 'e2f74f40211cad12',
  sinh: '81ddf3e764db0b24',
  cosh: '9396f77f41049d43',
  asin: '0c5259d13969267e',
  acos: '8ba42c0af645f989',
  atan: 'a6b53364a108c6f4',
  atan2: 'bcc930a6dd07d890',
  asinh: 'ad2c64e1de2e2392',
  acosh: 'dc2e919b3098fe28',
  atanh: '20859c94a95bb8ae',
  pow: 'f988c33aac2d93cd',
  rsqrt: 'ce4be120a6e00cf4',
};

function digestOf(name: string): string {
  const { evaluate } = compileFunction(SUBJECTS[name]!.define);
  const results = Buffer.alloc(POINTS * 4);
  for (let k = 0; k < POINTS; k++) {
    const [first, second] = threefry2x32([0, 0], [k, 0]);
    // Odd points: exponents from 2^-8 to 2^7, where the functions are neither 0 nor 1 nor infinite.
    const moderate = (word: number): number => (word & 0x87ffffff) + 0x3b800000;
    const [x, y] = k % 2 === 0 ? [first, second] : [moderate(first), moderate(second)];
    results.writeUInt32LE(bitsOf(evaluate(valueOf(x), valueOf(y))), k * 4);
  }
  return createHash('sha256').update(results).digest('hex').slice(0, 16);
}

describe('the bits of composed functions', () => {
  test.each(Object.keys(SUBJECTS))('%s has the bits of this arithmetic version', (name) => {
    expect(digestOf(name)).toBe(DIGESTS[name]);
  });
});
