import { describe, expect, test } from '@jest/globals';
import { prepare } from '../../src/expr/evaluate.js';
import { type F32, fadd, fmul, index, load } from '../../src/expr/expression.js';
import { erf, sigmoid, softplus, tanh } from '../../src/expr/math/activation.js';
import { exp, exp2, expm1 } from '../../src/expr/math/exponential.js';
import { acosh, asinh, atanh, cosh, sinh } from '../../src/expr/math/hyperbolic.js';
import { acos, asin, atan, atan2 } from '../../src/expr/math/inverse-trigonometric.js';
import { log, log1p } from '../../src/expr/math/logarithm.js';
import { pow } from '../../src/expr/math/power.js';
import { cos, sin, tan } from '../../src/expr/math/trigonometric.js';
import { defineOperator, type Operator, outputWords } from '../../src/expr/operator.js';
import { normal, truncatedNormal, uniform } from '../../src/expr/random.js';
import { defineShuffleOperator } from '../../src/expr/shuffle.js';
import { compileMicrocode } from '../../src/referee/compile-microcode.js';
import { createMachine, runElement } from '../../src/referee/machine.js';
import { ADVERSARIAL_WORDS, createRandom, randomWords } from './random-operators.js';

const WORDS = 96;
const x = load(0, index(0), 'f32');
const y = load(1, index(0), 'f32');

function map(finish: F32): Operator {
  return defineOperator({
    kind: 'map',
    domain: [WORDS],
    operands: [
      { dtype: 'f32', words: WORDS },
      { dtype: 'f32', words: WORDS },
    ],
    finish,
  });
}

function expectSameOnMachine(operator: Operator, trainingStep: number): void {
  const random = createRandom(11);
  const first = Uint32Array.from({ length: WORDS }, (_, at) => ADVERSARIAL_WORDS[at] ?? random.word());
  const operands = operator.operands.map((_, at) => (at === 0 ? first : randomWords(random, WORDS)));
  const { code, instructions } = compileMicrocode(operator);
  const machine = createMachine(code, operands);
  const evaluate = prepare(operator);
  for (let element = 0; element < outputWords(operator); element++) {
    expect(runElement(machine, element, trainingStep, instructions)).toBe(evaluate(operands, element, trainingStep));
  }
}

const ELEMENTARY = { erf, sigmoid, softplus, tanh, exp, exp2, expm1, log, log1p, sin, cos, tan, sinh, cosh };
const INVERSE = { asin, acos, atan, asinh, acosh, atanh };

describe('the referee runs', () => {
  const functions: readonly [string, F32][] = [
    ...Object.entries({ ...ELEMENTARY, ...INVERSE }).map(([name, compute]): [string, F32] => [name, compute(x)]),
    ['pow', pow(x, y)],
    ['atan2', atan2(y, x)],
    ['a sum of two functions', fadd(fmul(tanh(x), sigmoid(y)), exp(fmul(x, y)))],
  ];
  test.each(functions)('%s', (_, finish) => expectSameOnMachine(map(finish), 0));

  test.each(Object.entries({ uniform, normal, truncatedNormal }))('random numbers: %s', (_, draw) => {
    expectSameOnMachine(map(draw([7, 0x9e3779b9], index(0))), 5);
  });

  test('the shuffle of a dataset', () => {
    expectSameOnMachine(defineShuffleOperator({ count: 1797, batch: 16, key: [1, 0x9e3779b9] }), 1_000_003);
  });
});
