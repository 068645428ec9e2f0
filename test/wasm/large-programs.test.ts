import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { Backend, Words } from '../../src/backends/backend.js';
import { referenceBackend } from '../../src/backends/reference/reference-backend.js';
import { planExecutor } from '../../src/backends/wasm/executor-plan.js';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import { type F32, f32, fadd, fmul, i32, iadd, index, load } from '../../src/expr/expression.js';
import { defineOperator, type Operator } from '../../src/expr/operator.js';
import { ARITHMETIC_VERSION } from '../../src/numerics/instructions.js';
import type { Program, ProgramOperator, Slot } from '../../src/program/program.js';

const WIDTH = 24;
const KINDS = 40;

/** `a·factor + b` shifted by some elements; there are `KINDS` of them. */
function layer(kind: number): Operator {
  const words = { dtype: 'f32' as const, words: WIDTH };
  const b: F32 = load(1, iadd(index(0), i32(kind % 3)), 'f32');
  const finish = fadd(fmul(load(0, index(0), 'f32'), f32(0.5 + kind / (2 * KINDS))), fmul(b, f32(0.25)));
  return defineOperator({ kind: 'map', domain: [WIDTH], operands: [words, words], finish });
}

/** A recurrent layer as tfjs unrolls it: `length` operators, each reads the one before and one from long ago. */
function unrolled(length: number): Program {
  const layers = Array.from({ length: KINDS }, (_, kind) => layer(kind));
  const temporary = (at: number): Slot => (at < 0 ? { kind: 'state', index: 0 } : { kind: 'temporary', index: at });
  const operators = Array.from({ length }, (_, at): ProgramOperator => {
    return { operator: layers[at % KINDS]!, slots: [temporary(at - 1), temporary(at - 50)], label: `layer ${at}` };
  });
  const slots: Slot[] = [temporary(length - 1), temporary(length - 2)];
  operators.push({ operator: layers[0]!, slots, label: 'next' });
  return {
    arithmeticVersion: ARITHMETIC_VERSION,
    operators,
    state: [{ name: 's', dtype: 'f32', shape: [WIDTH] }],
    constants: [],
    results: {},
  };
}

async function stateAfter(backend: Backend, program: Program, steps: number): Promise<Words> {
  const executor = await backend.prepare(program, [], { threads: 2 });
  try {
    await executor.writeState([new Uint32Array(Float32Array.from({ length: WIDTH }, (_, at) => at - 7.3).buffer)]);
    await executor.run(0, steps);
    return (await executor.readState())[0]!;
  } finally {
    await executor.dispose();
  }
}

describe('large programs', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test('20,000 operators run, and give the bits of the definition', async () => {
    const program = unrolled(20_000);
    const expected = await stateAfter(referenceBackend, program, 1);
    expect(await stateAfter(wasmBackend, program, 1)).toEqual(expected);
  });

  test('equal operators share their code, and tensors share memory once nobody reads them', () => {
    const program = unrolled(2_000);
    const { stepCalls, storage } = planExecutor(program, 1);
    expect(new Set(stepCalls.map(({ kernel }) => kernel)).size).toBe(KINDS);
    const addresses = new Set(storage.outputs.map(([address]) => address));
    expect(addresses.size).toBeLessThan(60);
  });

  test('what neither the next state nor a result needs is left out of a step', () => {
    const { operators, ...program } = unrolled(100);
    const shown: ProgramOperator = { operator: layer(1), slots: operators[99]!.slots, label: 'shown' };
    const withShown = { ...program, operators: operators.toSpliced(100, 0, shown) };
    expect(planExecutor({ ...withShown, results: { loss: 100 } }, 1).stepCalls).toHaveLength(102);
    const unseen = planExecutor(withShown, 1);
    expect(unseen.stepCalls).toHaveLength(101);
    expect(unseen.calls).toHaveLength(102);
  });

  test('an executor allocates exactly what was estimated', async () => {
    const program = unrolled(300);
    const estimate = wasmBackend.estimateMemory(program, { threads: 2 });
    const allocated: number[] = [];
    const { Memory } = WebAssembly;
    jest.spyOn(WebAssembly, 'Memory').mockImplementation((descriptor) => {
      allocated.push(descriptor.initial * 65_536);
      expect(descriptor.maximum).toBe(descriptor.initial);
      return new Memory(descriptor);
    });
    await stateAfter(wasmBackend, program, 1);
    expect(allocated).toEqual([estimate]);
  });
});
