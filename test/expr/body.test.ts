import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { flatten } from '../../src/expr/body.js';
import { prepare } from '../../src/expr/evaluate.js';
import type { Expr } from '../../src/expr/expression.js';
import {
  acc,
  f32,
  fadd,
  fbits,
  fdiv,
  fmul,
  fsub,
  i32,
  iadd,
  imul,
  index,
  load,
  loadByte,
  reduceIndex,
  result,
  trainingStep,
} from '../../src/expr/expression.js';
import { defineOperator, outputWords, regionsOf, stridesOf } from '../../src/expr/operator.js';
import { bitsOf } from '../../src/numerics/float32.js';

const flat = (finish: Expr): ReturnType<typeof flatten> => flatten([], [], finish);
const x = load(0, index(0), 'f32');
const y = load(1, index(0), 'f32');

describe('the flat form', () => {
  test('holds equal nodes once, whatever the order of commuting arguments', () => {
    const body = flat(fsub(fmul(x, y), fmul(y, x)));
    expect(body.nodes.map(({ op }) => op)).toEqual(['index', 'load', 'load', 'fmul', 'fsub']);
  });

  test('tells the two zeros and the two types apart', () => {
    expect(flat(fadd(f32(-0), fmul(x, f32(0)))).nodes.filter(({ op }) => op === 'const').length).toBe(2);
    expect(flat(iadd(i32(0), fbits(fadd(x, f32(0))))).nodes.filter(({ op }) => op === 'const').length).toBe(2);
  });

  test('evaluates constants by the definition, and drops what nothing reads', () => {
    const body = flat(fmul(x, fdiv(f32(1), f32(3))));
    expect(body.nodes.filter(({ op }) => op === 'const').map(({ imm }) => imm)).toEqual([bitsOf(Math.fround(1 / 3))]);
    expect(body.nodes.some(({ op }) => op === 'fdiv')).toBe(false);
  });

  test('puts every argument before its use', () => {
    const body = flatten([f32(0)], [fadd(acc(0, 'f32'), fmul(x, y))], fadd(result(0, 'f32'), x));
    body.nodes.forEach((node, at) => {
      for (const arg of node.args) expect(arg).toBeLessThan(at);
    });
  });

  test('knows what runs once, in each turn, and after the fold', () => {
    const body = flatten([f32(0)], [fadd(acc(0, 'f32'), load(0, reduceIndex(0), 'f32'))], fmul(result(0, 'f32'), x));
    const regions = regionsOf(body);
    expect(regions[body.init[0]!]).toBe('element');
    expect(regions[body.update[0]!]).toBe('fold');
    expect(regions[body.finish]).toBe('finish');
  });
});

describe('the definition of an operator', () => {
  test('walks the reduction in lexicographic order', () => {
    // Horner's form in base 10 makes the order visible.
    const digit = iadd(imul(reduceIndex(0), i32(3)), reduceIndex(1));
    const operator = defineOperator({
      kind: 'order',
      domain: [1],
      reduction: [2, 3],
      operands: [],
      init: [i32(0)],
      update: [iadd(imul(acc(0, 'i32'), i32(10)), digit)],
      finish: result(0, 'i32'),
    });
    expect(prepare(operator)([], 0, 0)).toBe(12345);
  });

  test('updates all accumulators at once', () => {
    const operator = defineOperator({
      kind: 'fibonacci',
      domain: [1],
      reduction: [10],
      operands: [],
      init: [i32(0), i32(1)],
      update: [acc(1, 'i32'), iadd(acc(0, 'i32'), acc(1, 'i32'))],
      finish: result(0, 'i32'),
    });
    expect(prepare(operator)([], 0, 0)).toBe(55);
  });

  test('keeps the initial values where the reduction is empty', () => {
    const sum = { init: [f32(7)], update: [fadd(acc(0, 'f32'), f32(1))], finish: result(0, 'f32') };
    const operator = defineOperator({ kind: 'sum', domain: [1], reduction: [3, 0], operands: [], ...sum });
    expect(prepare(operator)([], 0, 0)).toBe(bitsOf(7));
  });

  test('gives 0 for loads outside of an operand, and one NaN for all', () => {
    const operands = [{ dtype: 'f32', words: 2 }] as const;
    const read = (at: number): number =>
      prepare(defineOperator({ kind: 'load', domain: [1], operands, finish: load(0, i32(at), 'f32') }))(
        [Uint32Array.of(0x3f800000, 0xffc00001)],
        0,
        0,
      );
    expect([read(0), read(1), read(2), read(-1)]).toEqual([0x3f800000, 0x7fc00000, 0, 0]);
  });

  test('reads bytes in little-endian order', () => {
    const operands = [{ dtype: 'i32', words: 2 }] as const;
    const evaluate = prepare(defineOperator({ kind: 'bytes', domain: [9], operands, finish: loadByte(0, index(0)) }));
    const bytes = Array.from({ length: 9 }, (_, at) => evaluate([Uint32Array.of(0x03020100, 0xff060504)], at, 0));
    expect(bytes).toEqual([0, 1, 2, 3, 4, 5, 6, 255, 0]);
  });

  test('gives each element its row-major coordinates, and the training step', () => {
    const shape = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(shape, fc.nat({ max: 1000 }), (domain, step) => {
        const strides = stridesOf(domain);
        const at = domain.map((_, axis) => imul(index(axis), i32(strides[axis]!))).reduce(iadd);
        const operator = defineOperator({ kind: 'map', domain, operands: [], finish: iadd(at, trainingStep) });
        const evaluate = prepare(operator);
        for (let element = 0; element < outputWords(operator); element++) {
          expect(evaluate([], element, step)).toBe(element + step);
        }
      }),
    );
  });
});
