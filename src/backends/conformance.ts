/**
 * The conformance probe: a program that a backend must run with exactly the reference interpreter's bits before it may
 * call itself canonical. It holds every scalar instruction on a grid of special values, a matmul, folds and loads at
 * the edge of their operand.
 */
import {
  acc,
  apply,
  type Expr,
  f32,
  fadd,
  fmul,
  i32,
  iadd,
  imul,
  index,
  itof,
  load,
  loadByte,
  reduceIndex,
  result,
  trainingStep,
} from '../expr/expression.js';
import { defineOperator, type Operand, type Operator } from '../expr/operator.js';
import { ARITHMETIC_VERSION, INSTRUCTIONS, type Instruction, type InstructionName } from '../numerics/instructions.js';
import type { ConstantTensor, Program, ProgramOperator, Slot } from '../program/program.js';
import type { Backend, Words } from './backend.js';
import { referenceBackend } from './reference/reference-backend.js';

/** Where rounding, underflow, overflow, NaN and signed zeros go wrong if they go wrong. */
const FLOAT_BITS = [
  0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007fffff, 0x807fffff, 0x00800000, 0x3f800000, 0xbf800000,
  0x3f800001, 0x3f7fffff, 0x40490fdb, 0x3eaaaaab, 0x4b000001, 0x4b7fffff, 0x4effffff, 0x4f000000, 0xcf000000,
  0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0x7fc00001, 0xffffffff, 0x33d6bf95, 0xc2aeac50,
  0x3fc00000, 0x40200000,
];
const INTEGER_BITS = [
  0, 1, 2, 3, 7, 31, 32, 33, 255, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff,
  0x12345678,
];

export interface ConformanceResult {
  readonly conforms: boolean;
  /** The first difference, in words; empty where there is none. */
  readonly reason: string;
}

/** Runs the probe on a backend and compares every output word with the reference interpreter's. */
export async function probeConformance(backend: Backend, threads: number): Promise<ConformanceResult> {
  const { program, constants } = conformanceProgram();
  const { outputs: expected, states: wanted } = await observe(referenceBackend, program, constants, 1);
  const { outputs: actual, states: found } = await observe(backend, program, constants, threads);
  for (const [k, { label }] of program.operators.entries()) {
    const at = expected[k]!.findIndex((word, element) => word !== actual[k]![element]);
    if (at >= 0) {
      const [want, have] = [expected[k]![at]!, actual[k]![at]!].map(
        (word) => `0x${word.toString(16).padStart(8, '0')}`,
      );
      return { conforms: false, reason: `${label}, element ${at}: ${have} instead of ${want}` };
    }
  }
  // Whole steps may run other code than operators one by one: fused, without the outputs that nobody asks for.
  const at = wanted.findIndex((words, tensor) => words.some((word, element) => word !== found[tensor]![element]));
  if (at < 0) return { conforms: true, reason: '' };
  return { conforms: false, reason: `whole training steps give another ${program.state[at]!.name}` };
}

interface Observation {
  /** Of every operator, in one training step. */
  readonly outputs: readonly Words[];
  /** The state after more training steps. */
  readonly states: readonly Words[];
}

async function observe(
  backend: Backend,
  program: Program,
  constants: readonly Words[],
  threads: number,
): Promise<Observation> {
  const executor = await backend.prepare(program, constants, { threads });
  try {
    const outputs: Words[] = [];
    await executor.runObserved(3, (_, output) => outputs.push(output.slice()));
    await executor.run(4, 3);
    return { outputs, states: await executor.readState() };
  } finally {
    await executor.dispose();
  }
}

/** The probe's program and constants; deterministic. */
export function conformanceProgram(): { program: Program; constants: Words[] } {
  const constants: { tensor: ConstantTensor; words: Words }[] = [];
  const constant = (name: string, dtype: 'f32' | 'i32', words: Words): Slot => {
    constants.push({ tensor: { name, dtype, shape: [words.length] }, words });
    return { kind: 'constant', index: constants.length - 1 };
  };
  const floats = constant('floats', 'f32', Uint32Array.from(FLOAT_BITS));
  const integers = constant('integers', 'i32', Uint32Array.from(INTEGER_BITS));
  const operators: ProgramOperator[] = [];
  const add = (label: string, operator: Operator, ...slots: Slot[]): Slot => {
    operators.push({ operator, slots, label });
    return { kind: 'temporary', index: operators.length - 1 };
  };

  for (const name of Object.keys(INSTRUCTIONS) as InstructionName[]) {
    add(`instruction ${name}`, instructionGrid(name), floats, integers);
  }
  add('bytes and the edge of an operand', edgeLoads(), floats, integers);
  add('matmul', contraction(13, 11, 17), floats, floats);
  const sums = add('fold', rowSums(7, 19), floats);
  operators.push({ operator: identity(7), slots: [sums], label: 'state' });
  for (const [tensor, factor] of [0.9, 0.999].entries()) {
    operators.push({
      operator: decayingAverage(factor),
      slots: [{ kind: 'state', index: tensor + 1 }, floats],
      label: `average ${tensor}`,
    });
  }
  return {
    program: {
      arithmeticVersion: ARITHMETIC_VERSION,
      operators,
      state: [
        { name: 'sums', dtype: 'f32', shape: [7] },
        { name: 'average 0', dtype: 'f32', shape: [FLOAT_BITS.length] },
        { name: 'average 1', dtype: 'f32', shape: [FLOAT_BITS.length] },
      ],
      constants: constants.map(({ tensor }) => tensor),
      results: {},
    },
    constants: constants.map(({ words }) => words),
  };
}

const FLOATS: Operand = { dtype: 'f32', words: FLOAT_BITS.length };
const INTEGERS: Operand = { dtype: 'i32', words: INTEGER_BITS.length };

/** An instruction on every pair of special values (the third argument follows the first two). */
function instructionGrid(name: InstructionName): Operator {
  const instruction: Instruction = INSTRUCTIONS[name];
  const extent = (position: number): number =>
    instruction.args[position] === 'f32' ? FLOAT_BITS.length : INTEGER_BITS.length;
  const third = iadd(index(0), index(1));
  const args = instruction.args.map((dtype, position): Expr => {
    const at = [index(0), index(1), third][position]!;
    return dtype === 'f32' ? load(0, at, 'f32') : load(1, at, 'i32');
  });
  return defineOperator({
    kind: 'map',
    domain: [extent(0), instruction.args.length > 1 ? extent(1) : 1],
    operands: [FLOATS, INTEGERS],
    finish: apply(name, ...args),
  });
}

/** Words and bytes inside, at and beyond the end of an operand, and the training step. */
function edgeLoads(): Operator {
  const at = imul(index(0), i32(5));
  const word = load(0, at, 'f32');
  const byte = itof(iadd(loadByte(1, imul(index(0), i32(9))), trainingStep));
  return defineOperator({
    kind: 'map',
    domain: [23],
    operands: [FLOATS, INTEGERS],
    finish: fadd(fmul(byte, f32(0.1)), word),
  });
}

function contraction(m: number, n: number, k: number): Operator {
  const row = iadd(index(0), reduceIndex(0));
  const column = iadd(imul(reduceIndex(0), i32(2)), index(1));
  return defineOperator({
    kind: 'matmul',
    domain: [m, n],
    reduction: [k],
    operands: [FLOATS, FLOATS],
    init: [f32(0)],
    update: [fadd(acc(0, 'f32'), fmul(load(0, row, 'f32'), load(1, column, 'f32')))],
    finish: result(0, 'f32'),
  });
}

function rowSums(rows: number, columns: number): Operator {
  const at = iadd(index(0), reduceIndex(0));
  return defineOperator({
    kind: 'sum',
    domain: [rows],
    reduction: [columns],
    operands: [FLOATS],
    init: [f32(0)],
    update: [fadd(acc(0, 'f32'), load(0, at, 'f32'))],
    finish: result(0, 'f32'),
  });
}

/** As an optimiser's slots: state operators over the same operands, which a machine may run as one. */
function decayingAverage(factor: number): Operator {
  const [old, next] = [load(0, index(0), 'f32'), load(1, index(0), 'f32')];
  return defineOperator({
    kind: 'map',
    domain: [FLOAT_BITS.length],
    operands: [FLOATS, FLOATS],
    finish: fadd(fmul(old, f32(factor)), fmul(next, next)),
  });
}

function identity(words: number): Operator {
  return defineOperator({
    kind: 'identity',
    domain: [words],
    operands: [{ dtype: 'f32', words }],
    finish: load(0, index(0), 'f32'),
  });
}
