import { describe, expect, test } from '@jest/globals';
import { piecesOf } from '../../src/backends/wasm/operator-pieces.js';
import { splitAxes } from '../../src/backends/wasm/split-axes.js';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import {
  acc,
  type F32,
  f32,
  fadd,
  fmax,
  fmul,
  fselect,
  type I32,
  i32,
  iadd,
  idivu,
  ilts,
  iltu,
  imul,
  index,
  iremu,
  iselect,
  isub,
  load,
  reduceIndex,
  result,
} from '../../src/expr/expression.js';
import { defineOperator, type Operator, product } from '../../src/expr/operator.js';
import { differences, mostlyOrdinaryCase, Random } from './operator-programs.js';

/** Random operators full of what views leave behind: quotients, remainders and comparisons of coordinates. */
class ViewMaker {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  operator(): Operator {
    const random = this.#random;
    const domain = Array.from({ length: 1 + random.below(3) }, () => random.pick([2, 3, 4, 6, 8, 16, 24, 48, 72, 96]));
    while (product(domain) > 2000) domain.shift();
    const operands = Array.from({ length: 1 + random.below(3) }, () => {
      return { dtype: 'f32' as const, words: random.pick([50, 400, 3000]) };
    });
    const axes = domain.map((_, axis) => index(axis));
    if (random.below(3) > 0) {
      const finish = this.#value(axes, 1 + random.below(3), operands.length);
      return defineOperator({ kind: 'map', domain, operands, finish });
    }
    const reduction = Array.from({ length: 1 + random.below(2) }, () => random.pick([2, 4, 8, 12]));
    const turn = [...axes, ...reduction.map((_, axis) => reduceIndex(axis))];
    const update = fadd(acc(0, 'f32'), this.#value(turn, 1 + random.below(2), operands.length));
    const fold = { init: [f32(0)], update: [update], finish: result(0, 'f32') };
    return defineOperator({ kind: 'sum', domain, reduction, operands, ...fold });
  }

  #value(axes: readonly I32[], depth: number, operands: number): F32 {
    const random = this.#random;
    if (depth === 0) return load(random.below(operands), this.#coordinate(axes, 1 + random.below(3)), 'f32');
    const inner = (): F32 => this.#value(axes, depth - 1, operands);
    switch (random.below(4)) {
      case 0:
        return fadd(inner(), inner());
      case 1:
        return fselect(this.#border(axes.at(-1)!), inner(), inner());
      case 2:
        return fmul(inner(), f32(1.5));
      default:
        return fmax(inner(), f32(random.pick([0, -0, 1])));
    }
  }

  /** A comparison as those between the parts of a concatenation. */
  #border(axis: I32): I32 {
    const random = this.#random;
    const bound = i32(random.pick([8, 16, 24, 32, 48, 64]));
    const from = random.below(3) === 0 ? isub(axis, i32(random.pick([8, 16, 24]))) : axis;
    return random.below(2) === 0 ? ilts(from, bound) : iltu(from, bound);
  }

  #coordinate(axes: readonly I32[], depth: number): I32 {
    const random = this.#random;
    if (depth === 0 || random.below(4) === 0) {
      return random.below(6) === 0 ? i32(random.below(40) - 8) : random.pick(axes);
    }
    const inner = this.#coordinate(axes, depth - 1);
    const constant = i32(random.pick([2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 96]));
    switch (random.below(8)) {
      case 0:
        return iadd(inner, this.#coordinate(axes, depth - 1));
      case 1:
        return isub(inner, i32(random.pick([8, 12, 16, 24, 48])));
      case 2:
        return imul(inner, constant);
      case 3:
      case 4:
        return idivu(inner, constant);
      case 5:
      case 6:
        return iremu(inner, constant);
      default:
        return iselect(ilts(inner, constant), inner, this.#coordinate(axes, depth - 1));
    }
  }
}

const axisCount = ({ domain, reduction }: Operator): number => domain.length + reduction.length;

describe('index arithmetic', () => {
  test.each([1, 2])('random views cut into pieces and axes equal the definition (%i threads)', async (threads) => {
    const random = new Random(60 + threads);
    const maker = new ViewMaker(random);
    const operators = Array.from({ length: 60 }, () => maker.operator());
    const pieces = operators.map((operator) => piecesOf(operator));
    expect(pieces.filter(({ length }) => length > 1).length).toBeGreaterThan(3);
    const isSplit = pieces.map((all) =>
      all.some((piece) => axisCount(splitAxes(piece).operator) > axisCount(piece.operator)),
    );
    expect(isSplit.filter(Boolean).length).toBeGreaterThan(3);
    const cases = operators.map((operator) => mostlyOrdinaryCase(random, operator));
    expect(await differences(wasmBackend, threads, cases)).toEqual([]);
  });
});
