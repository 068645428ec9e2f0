import { describe, expect, test } from '@jest/globals';
import type { Words } from '../../src/backends/backend.js';
import { referenceBackend } from '../../src/backends/reference/reference-backend.js';
import { planExecutor } from '../../src/backends/wasm/executor-plan.js';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import {
  type Expr,
  f32,
  fadd,
  fdiv,
  fmul,
  fsqrt,
  fsub,
  i32,
  iadd,
  imul,
  index,
  itof,
  load,
  trainingStep,
} from '../../src/expr/expression.js';
import { defineOperator, product } from '../../src/expr/operator.js';
import { ARITHMETIC_VERSION } from '../../src/numerics/instructions.js';
import type { Program, ProgramOperator, Slot } from '../../src/program/program.js';
import { adversarialWords, identity, Random } from './operator-programs.js';

const state = (at: number): Slot => ({ kind: 'state', index: at });
const gradientSlot: Slot = { kind: 'temporary', index: 0 };

/** Coordinates of a row-major domain as one address. */
function place(domain: readonly number[]): Expr<'i32'> {
  return domain.reduce<Expr<'i32'>>((sum, extent, axis) => iadd(imul(sum, i32(extent)), index(axis)), i32(0));
}

function map(domain: readonly number[], slots: readonly Slot[], finish: Expr): ProgramOperator {
  const operands = slots.map(() => ({ dtype: 'f32' as const, words: product(domain) }));
  return { operator: defineOperator({ kind: 'map', domain, operands, finish }), slots, label: 'next' };
}

/** Adam's three tensors and a fourth that nothing shares: the moments' new values are computed in two operators each. */
function adam(domain: readonly number[]): Program {
  const at = place(domain);
  const value = (operand: number): Expr<'f32'> => load(operand, at, 'f32');
  const m = (old: number, gradient: number) => fadd(fmul(value(old), f32(0.9)), fmul(value(gradient), f32(0.1)));
  const v = (old: number, gradient: number) =>
    fadd(fmul(value(old), f32(0.99)), fmul(fmul(value(gradient), value(gradient)), f32(0.01)));
  const change = fdiv(m(1, 3), fadd(fsqrt(v(2, 3)), f32(1e-7)));
  const words = product(domain);
  return {
    arithmeticVersion: ARITHMETIC_VERSION,
    operators: [
      map(domain, [state(0), state(3)], fmul(fsub(value(0), value(1)), fadd(itof(trainingStep), f32(1)))),
      map(domain, [state(0), state(1), state(2), gradientSlot], fsub(value(0), fmul(change, f32(0.01)))),
      map(domain, [state(1), gradientSlot], m(0, 1)),
      map(domain, [gradientSlot, state(2)], v(1, 0)),
      map(domain, [state(3)], fmul(value(0), f32(-0.5))),
    ],
    state: ['weight', 'm', 'v', 'other'].map((name) => ({ name, dtype: 'f32', shape: [words] })),
    constants: [],
    results: {},
  };
}

/** What happens to a state in steps that are run, observed, changed and run again. */
async function story(program: Program, start: readonly Words[], backend: typeof wasmBackend, threads: number) {
  const executor = await backend.prepare(program, [], { threads });
  try {
    await executor.writeState(start);
    await executor.run(0, 3);
    const first = await executor.readState();
    const seen: Words[] = [];
    await executor.runObserved(3, (operator, output) => {
      seen.push(output.slice());
      if (operator === 2) output[0]! ^= 0x00400001;
    });
    await executor.run(4, 2);
    return [first, seen, await executor.readState(), await executor.hashState()];
  } finally {
    await executor.dispose();
  }
}

const groupsOf = (program: Program): (readonly number[])[] =>
  planExecutor(program, 1).stepCalls.flatMap(({ operators }) => (operators.length > 1 ? [operators] : []));

describe('state operators that run together', () => {
  test.each([[[1]], [[3]], [[37]], [[64]], [[5, 7]], [[3, 40]], [[9_011]]])(
    'have the bits of each alone, observed or not (domain %j)',
    async (domain) => {
      const program = adam(domain);
      expect(groupsOf(program)).toEqual([[1, 2, 3]]);
      const random = new Random(41);
      const start = program.state.map(() => adversarialWords(random, product(domain)));
      const expected = await story(program, start, referenceBackend, 1);
      expect(await story(program, start, wasmBackend, 1)).toEqual(expected);
      expect(await story(program, start, wasmBackend, 3)).toEqual(expected);
    },
  );

  test('are alone where they walk over other coordinates, read nothing in common, fold, or only copy', () => {
    const program = adam([12]);
    const [gradient, weight, m, v, other] = program.operators;
    const operators = [gradient!, weight!, adam([3, 4]).operators[2]!, v!, other!];
    expect(groupsOf({ ...program, operators })).toEqual([[1, 3]]);
    const [kept, alsoKept] = [1, 2].map((at) => ({ operator: identity(12), slots: [state(at)], label: 'kept' }));
    expect(groupsOf({ ...program, operators: [gradient!, weight!, kept!, alsoKept!, other!] })).toEqual([]);
    expect(groupsOf({ ...program, operators: [gradient!, other!, m!, other!, other!] })).toEqual([[1, 3, 4]]);
  });
});
