import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bitsOf, valueOf } from '../../src/numerics/float32.js';
import type { Instruction } from '../../src/numerics/instructions.js';
import { INSTRUCTIONS, isInstructionName } from '../../src/numerics/instructions.js';
import type { Exact } from './exact-rounding.js';
import { addExact, exactOf, HARD_VALUES, multiplyExact, roundExact } from './exact-rounding.js';

const entries = Object.entries(INSTRUCTIONS) as [string, Instruction][];
const word = fc.integer({ min: 0, max: 0xffffffff });
const signed = word.map((bits) => bits | 0);
const anyFloat = fc.oneof(word.map(valueOf), fc.constantFrom(...HARD_VALUES, NaN, Infinity, -Infinity));
const finite = anyFloat.filter(Number.isFinite);
const { idivu, imulhu, imul, iremu, ishl, ishru, ishrs, irotl, iltu, ilts } = INSTRUCTIONS;

const evaluate = ({ evaluate: of }: Instruction, a: number, b = 0, c = 0): number => of(a, b, c);

describe('the instruction table', () => {
  test('each opcode stands for one instruction; only the two selects share theirs', () => {
    const names = new Map<number, string[]>();
    for (const [name, { opcode }] of entries) names.set(opcode, [...(names.get(opcode) ?? []), name]);
    const shared = [...names.values()].filter(({ length }) => length > 1);
    expect(shared).toEqual([['fselect', 'iselect']]);
    for (const opcode of names.keys()) expect(opcode & ~0xff).toBe(0);
  });

  test('names are looked up without prototype keys', () => {
    expect(isInstructionName('fadd')).toBe(true);
    expect(isInstructionName('toString')).toBe(false);
    expect(isInstructionName('__proto__')).toBe(false);
  });

  test.each(entries)('%s gives a value of its result type', (_name, instruction) => {
    const [a, b, c] = [0, 1, 2].map((at) => (instruction.args[at] === 'f32' ? anyFloat : signed));
    fc.assert(
      fc.property(a!, b!, c!, (first, second, third) => {
        const value = instruction.evaluate(first, second, third);
        const isOfType = instruction.result === 'f32' ? Object.is(Math.fround(value), value) : (value | 0) === value;
        expect(isOfType).toBe(true);
      }),
    );
  });

  test.each(entries.filter(([, { commutative }]) => commutative))(
    '%s is commutative to the bit',
    (_name, instruction) => {
      const argument = instruction.args[0] === 'f32' ? anyFloat : signed;
      fc.assert(
        fc.property(argument, argument, (a, b) => Object.is(evaluate(instruction, a, b), evaluate(instruction, b, a))),
      );
    },
  );

  test('sums, differences and products are the exact ones, rounded once', () => {
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        const { fadd, fsub, fmul } = INSTRUCTIONS;
        expect(evaluate(fadd, a, b)).toBe(roundExact(addExact(exactOf(a), exactOf(b)), a + b));
        expect(evaluate(fsub, a, b)).toBe(roundExact(addExact(exactOf(a), exactOf(-b)), a - b));
        expect(evaluate(fmul, a, b)).toBe(
          roundExact(multiplyExact(exactOf(a), exactOf(b)), Math.sign(a) * Math.sign(b)),
        );
      }),
      { numRuns: 5000 },
    );
  });

  test('quotients and roots are nearest: no neighbour is nearer', () => {
    fc.assert(
      fc.property(
        finite.filter((b) => b !== 0),
        finite,
        (b, a) => {
          const quotient = evaluate(INSTRUCTIONS.fdiv, a, b);
          if (Number.isFinite(quotient)) expect(isNearestQuotient(a, b, quotient)).toBe(true);
        },
      ),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(
        finite.map(Math.abs).filter((a) => a > 0),
        (a) => {
          const root = evaluate(INSTRUCTIONS.fsqrt, a);
          expect(isNearestRoot(a, root)).toBe(true);
        },
      ),
      { numRuns: 5000 },
    );
    expect(evaluate(INSTRUCTIONS.fsqrt, -0)).toBe(-0);
    expect(evaluate(INSTRUCTIONS.fsqrt, -1)).toBeNaN();
  });

  test('comparisons with NaN are false', () => {
    for (const name of ['feq', 'flt', 'fle'] as const) {
      expect(evaluate(INSTRUCTIONS[name], NaN, 1)).toBe(0);
      expect(evaluate(INSTRUCTIONS[name], 1, NaN)).toBe(0);
      expect(evaluate(INSTRUCTIONS[name], NaN, NaN)).toBe(0);
    }
    expect(evaluate(INSTRUCTIONS.feq, 0, -0)).toBe(1);
  });

  test('the high and low halves make the unsigned product', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const product = BigInt(a) * BigInt(b);
        expect(BigInt(evaluate(imulhu, a | 0, b | 0) >>> 0)).toBe(product >> 32n);
        expect(BigInt(evaluate(imul, a | 0, b | 0) >>> 0)).toBe(product & 0xffffffffn);
      }),
    );
    expect(evaluate(imulhu, -1, -1)).toBe(-2);
  });

  test('unsigned division has no trap', () => {
    fc.assert(
      fc.property(
        word,
        word.filter((b) => b !== 0),
        (a, b) => {
          expect(evaluate(idivu, a | 0, b | 0) >>> 0).toBe(Math.floor(a / b));
          expect(evaluate(iremu, a | 0, b | 0) >>> 0).toBe(a % b);
        },
      ),
    );
    for (const a of [0, 1, -1, -2147483648]) {
      expect(evaluate(idivu, a, 0)).toBe(0);
      expect(evaluate(iremu, a, 0)).toBe(0);
    }
  });

  test('shift and rotation counts are taken modulo 32', () => {
    fc.assert(
      fc.property(word, word, (bits, count) => {
        const by = BigInt(count & 31);
        const value = BigInt(bits);
        const low = (of: bigint): number => Number(BigInt.asIntN(32, of));
        expect(evaluate(ishl, bits | 0, count | 0)).toBe(low(value << by));
        expect(evaluate(ishru, bits | 0, count | 0)).toBe(low(value >> by));
        expect(evaluate(ishrs, bits | 0, count | 0)).toBe(low(BigInt.asIntN(32, value) >> by));
        expect(evaluate(irotl, bits | 0, count | 0)).toBe(low((value << by) | (value >> (32n - by))));
      }),
    );
  });

  test('integer comparisons: signed and unsigned differ on the top bit', () => {
    expect(evaluate(ilts, -1, 0)).toBe(1);
    expect(evaluate(iltu, -1, 0)).toBe(0);
    expect(evaluate(iltu, 0, -1)).toBe(1);
  });

  test('bit casts keep all bits but those of a NaN', () => {
    fc.assert(
      fc.property(word, (bits) => {
        const roundTrip = evaluate(INSTRUCTIONS.fbits, evaluate(INSTRUCTIONS.bitsf, bits | 0)) >>> 0;
        expect(roundTrip).toBe((bits & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : bits);
      }),
    );
  });
});

/** |quotient − a/b| is not above half the distance to either neighbour, in exact integers. */
function isNearestQuotient(a: number, b: number, quotient: number): boolean {
  return neighbours(quotient).every((other) => {
    // Compare |q·b − a| with |other·b − a|.
    const distance = (q: number): Exact => addExact(multiplyExact(exactOf(q), exactOf(b)), exactOf(-a));
    return !isLess(absolute(distance(other)), absolute(distance(quotient)));
  });
}

function isNearestRoot(a: number, root: number): boolean {
  // √a lies between the midpoints to the neighbours: (2·root ± ulp)² brackets 4a.
  return neighbours(root).every((other) => {
    const midpoint = addExact(exactOf(root), exactOf(other));
    const difference = addExact(multiplyExact(midpoint, midpoint), multiplyExact(exactOf(-a), exactOf(4)));
    return other > root ? difference.significand >= 0n : difference.significand <= 0n;
  });
}

function neighbours(value: number): number[] {
  if (value === 0) return [valueOf(1), valueOf(0x80000001)];
  const bits = bitsOf(value);
  return [valueOf(bits + 1), valueOf(bits - 1)].filter((other) => Number.isFinite(other) && other >= 0 === value >= 0);
}

function absolute({ significand, exponent }: Exact): Exact {
  return { significand: significand < 0n ? -significand : significand, exponent };
}

function isLess(a: Exact, b: Exact): boolean {
  return addExact(a, { significand: -b.significand, exponent: b.exponent }).significand < 0n;
}
