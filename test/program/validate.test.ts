import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Body, BodyNode } from '../../src/expr/body.js';
import type { Operator } from '../../src/expr/operator.js';
import type { Program, ProgramOperator } from '../../src/program/program.js';
import { validateProgram } from '../../src/program/validate.js';
import { operatorProblem } from '../../src/program/validate-operator.js';
import { createRandom, randomOperator } from '../referee/random-operators.js';
import { decay, identity, largeProgram, matrixVector, sampleProgram } from './sample-program.js';

/** The sample program with operator `at` changed. */
function withOperator(at: number, change: Partial<ProgramOperator>): Program {
  const program = sampleProgram();
  return { ...program, operators: program.operators.with(at, { ...program.operators[at]!, ...change }) };
}

function withBody(operator: Operator, change: Partial<Body>): Operator {
  return { ...operator, body: { ...operator.body, ...change } };
}

function withNode(operator: Operator, at: number, change: Partial<Record<keyof BodyNode, unknown>>): Operator {
  const { nodes } = operator.body;
  return withBody(operator, { nodes: nodes.with(at, { ...nodes[at]!, ...change } as BodyNode) });
}

const nodeAt = (operator: Operator, op: string): number => operator.body.nodes.findIndex((node) => node.op === op);

describe('a valid program', () => {
  test('is accepted', () => {
    expect(() => validateProgram(sampleProgram())).not.toThrow();
    expect(() => validateProgram(largeProgram(200, 10))).not.toThrow();
  });

  test('may hold every operator that expressions can define', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        // Constants may be NaNs of any kind there; only one kind is valid.
        expect(operatorProblem(randomOperator(createRandom(seed), 30)) ?? '').toMatch(/^$|a NaN other than/);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a program is refused', () => {
  const sample = sampleProgram();
  test.each<[string, Program, RegExp]>([
    ['of another version', { ...sample, arithmeticVersion: 2 }, /version 2; this build knows version 1/],
    ['without temporaries', { ...sample, operators: sample.operators.slice(3) }, /0 temporary operators/],
    ['without a state', { ...sample, state: [] }, /0 state tensors/],
    [
      'with an unknown type',
      { ...sample, state: [{ ...sample.state[0]!, dtype: 'u8' as never }, sample.state[1]!] },
      /state tensor 0 .*unknown type 'u8'/,
    ],
    [
      'with two tensors of one name',
      { ...sample, state: [sample.state[0]!, { ...sample.state[1]!, name: 'dense_1/kernel' }] },
      /state tensor 1 has the name of another/,
    ],
    [
      'with a name that is a prototype',
      { ...sample, constants: [{ ...sample.constants[0]!, name: '__proto__' }] },
      /constant 0 has a name/,
    ],
    [
      'with an empty axis',
      { ...sample, state: [sample.state[0]!, { ...sample.state[1]!, shape: [0] }] },
      /shape \[0\]/,
    ],
    [
      'with a tensor that is too long',
      { ...sample, constants: [{ name: 'c', dtype: 'f32', shape: [65536, 65536] }] },
      /4294967296 words/,
    ],
    [
      'with a control character in a label',
      withOperator(0, { label: 'a\u001b[2J' }),
      /Operator 0 \(map, unreadable\).*label/,
    ],
    [
      'with a slot missing',
      withOperator(1, { slots: [{ kind: 'state', index: 0 }] }),
      /Operator 1 \(matmul, dense_1\/forward\).* 2 operands and 1 slots/,
    ],
    [
      'that reads an operator after itself',
      withOperator(2, { slots: [{ kind: 'temporary', index: 2 }] }),
      /operand 0 comes from temporary 2, but it may only read the first 2/,
    ],
    [
      'that reads a state operator',
      withOperator(4, { slots: [{ kind: 'temporary', index: 3 }] }),
      /may only read the first 3/,
    ],
    [
      'that reads a state tensor that is not there',
      withOperator(4, { slots: [{ kind: 'state', index: 2 }] }),
      /first 2/,
    ],
    [
      'with an odd slot kind',
      withOperator(4, { slots: [{ kind: 'toString' as never, index: 0 }] }),
      /no kind of source/,
    ],
    [
      'with an operand of another length',
      withOperator(4, { slots: [{ kind: 'state', index: 0 }] }),
      /operand 0 has 3 words and comes from state 0 of shape \[4, 6\] \(24 words\)/,
    ],
    [
      'with an operand of another type',
      withOperator(2, {
        operator: {
          ...matrixVector(4, 6),
          kind: 'm',
          operands: [
            { dtype: 'f32', words: 24 },
            { dtype: 'i32', words: 6 },
          ],
        },
        slots: [
          { kind: 'state', index: 0 },
          { kind: 'temporary', index: 0 },
        ],
      }),
      /operand 1 is i32 and comes from temporary 0, which is f32/,
    ],
    ['with a state operator of another length', withOperator(3, { operator: decay(23), slots: [] }), /Operator 3/],
    [
      'with a state operator that is not as long as its tensor',
      withOperator(3, { operator: identity(3), slots: [{ kind: 'state', index: 1 }] }),
      /domain \[3\] is not as long as state tensor 'dense_1\/kernel' \[4, 6\]/,
    ],
    [
      'with a result of more than one element',
      { ...sample, results: { loss: 1 } },
      /result 'loss' is operator 1 of shape \[4\]/,
    ],
    ['with a result that is no temporary', { ...sample, results: { loss: 3 } }, /no temporary/],
    ['with a result that looks like an array index', { ...sample, results: { 7: 2 } }, /not a word/],
  ])('%s', (_, program, message) => {
    expect(() => validateProgram(program)).toThrow(message);
  });
});

describe('an operator is refused', () => {
  const sum = matrixVector(4, 6);
  const map = decay(24);
  const last = sum.body.nodes.length - 1;
  test.each<[string, Operator, RegExp]>([
    ['with too many axes', { ...map, domain: new Array<number>(9).fill(1) }, /9 axes/],
    ['with an extent of 0 in its domain', { ...map, domain: [0] }, /domain \[0\]/],
    ['with more elements than 32 bits count', { ...map, domain: [65536, 65536] }, /4294967296 elements/],
    ['with too many operands', { ...map, operands: new Array(9).fill(map.operands[0]!) }, /9 operands/],
    ['with an empty operand', { ...map, operands: [{ dtype: 'f32', words: 0 }] }, /operand 0 has 0 words/],
    [
      'with an unknown instruction',
      withNode(map, nodeAt(map, 'fmul'), { op: 'hasOwnProperty' }),
      /no such instruction/,
    ],
    [
      'with an argument that stands after its use',
      withNode(map, nodeAt(map, 'itof'), { args: [map.body.nodes.length - 1] }),
      /does not stand before it/,
    ],
    [
      'with an argument of another type',
      withNode(sum, nodeAt(sum, 'fadd'), { args: [0, nodeAt(sum, 'reduce')] }),
      /argument 1 is i32 instead of f32/,
    ],
    ['with too few arguments', withNode(map, nodeAt(map, 'fmul'), { args: [0] }), /1 arguments instead of 2/],
    ['with a result of another type', withNode(map, nodeAt(map, 'itof'), { dtype: 'i32' }), /it is i32 instead of f32/],
    ['that loads from an operand that is not there', withNode(map, nodeAt(map, 'load'), { imm: 2 }), /operand 2 of 2/],
    ['that reads an axis that is not there', withNode(map, nodeAt(map, 'index'), { imm: 1 }), /output axis 1 of 1/],
    [
      'that reads an accumulator that is not there',
      withNode(sum, nodeAt(sum, 'acc'), { imm: 1 }),
      /accumulator 1 of 1/,
    ],
    [
      'with a foreign NaN',
      withNode(
        map,
        map.body.nodes.findIndex(({ op, dtype }) => op === 'const' && dtype === 'f32'),
        { imm: 0x7fc00001 },
      ),
      /NaN/,
    ],
    [
      'with a number where none belongs',
      withNode(map, nodeAt(map, 'fmul'), { imm: 1 }),
      /its number is 1 instead of 0/,
    ],
    ['that reduces without accumulators', withBody(sum, { init: [], update: [] }), /initial|accumulator|reduces/],
    ['that folds without a reduction', { ...sum, reduction: [] }, /reduc/],
    [
      'that finishes with a value from inside of the fold',
      withBody(sum, { finish: nodeAt(sum, 'fadd') }),
      /finish reads values from inside/,
    ],
    [
      'that starts with a value from inside of the fold',
      withBody(sum, { init: [nodeAt(sum, 'fadd')] }),
      /initial value depends on the fold/,
    ],
    ['that updates with the result', withBody(sum, { update: [last] }), /update depends on the result/],
    [
      'that mixes the fold with its result',
      withBody(sum, {
        nodes: [...sum.body.nodes, { op: 'fadd', dtype: 'f32', args: [last, nodeAt(sum, 'fadd')], imm: 0 }],
      }),
      /mixes/,
    ],
    ['that finishes with another type', { ...map, dtype: 'i32' }, /is i32 and finishes as f32/],
    ['with a finish that is not there', withBody(map, { finish: map.body.nodes.length }), /names no node/],
  ])('%s', (_, operator, message) => {
    expect(operatorProblem(operator)).toMatch(message);
  });
});
