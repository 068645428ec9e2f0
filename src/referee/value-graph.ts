/**
 * What microcode computes, before registers are chosen: a graph of values, each of which one machine instruction (or the
 * start of the machine, or a loop) leaves in a register. Equal values are one value; constants are folded by the
 * instruction table's own definition.
 */
import { bitsOf, CANONICAL_NAN, isForeignNaN, valueOf } from '../numerics/float32.js';
import { type DType, INSTRUCTIONS, type Instruction, type InstructionName } from '../numerics/instructions.js';
import { MACHINE_OPCODES } from './machine-instructions.js';

/**
 * Values that no instruction computes: `element` (r0 at the start), `step` (r1 at the start), `index` (an output
 * coordinate; only a placeholder in affine forms), `counter` (of a loop), `accumulator` (in the fold), `result` (after it).
 */
export type LeafKind = 'element' | 'step' | 'index' | 'counter' | 'accumulator' | 'result';

export interface Value {
  readonly id: number;
  /** `operation` is one machine instruction. */
  readonly kind: LeafKind | 'operation';
  readonly opcode: number;
  /** The register operands, in the order ra, rb, rc. */
  readonly args: readonly Value[];
  /** The immediate second operand, constant, slot, axis, loop or accumulator number. */
  readonly imm: number;
  /** True where the second operand is `imm`. */
  readonly hasImmediate: boolean;
  /** 0: the same for the whole element; d: changes with loop d − 1; number of loops + 1: known after the fold. */
  readonly level: number;
  /** Registers that computing it alone needs (Sethi and Ullman, 1970, taken over the graph as if it were a tree). */
  readonly need: number;
}

export interface Constant {
  readonly bits: number;
}

export type Scalar = Constant | Value;

export function isConstant(scalar: Scalar): scalar is Constant {
  return 'bits' in scalar;
}

export interface ValueGraph {
  leaf(kind: LeafKind, imm: number, level: number): Value;
  /** A word of a slot; as binary32, a NaN is canonical. */
  load(slot: number, at: Scalar, dtype: DType): Value;
  /** A scalar instruction; constant where all that decides it is constant. */
  apply(name: InstructionName, args: readonly Scalar[]): Scalar;
}

export interface ValueGraphOptions {
  /**
   * True: a constant that must stand in a register is loaded once and kept. False: it is loaded for each use, which
   * costs instructions and saves registers.
   */
  readonly shareConstants: boolean;
}

type Draft = Omit<Value, 'id' | 'need' | 'level'>;

const NO_VALUES: readonly Value[] = [];

/** An empty graph. */
export function createValueGraph({ shareConstants }: ValueGraphOptions): ValueGraph {
  const known = new Map<string, Value>();
  let nextId = 0;

  const add = (draft: Draft, level: number, key: string | undefined): Value => {
    const old = key === undefined ? undefined : known.get(key);
    if (old !== undefined) return old;
    const value = { ...draft, id: nextId++, level, need: registersNeeded(draft) };
    if (key !== undefined) known.set(key, value);
    return value;
  };
  const operation = (opcode: number, args: readonly Value[], imm: number, hasImmediate: boolean): Value => {
    const key = `${opcode},${imm},${hasImmediate},${args.map(({ id }) => id).join()}`;
    const level = args.reduce((highest, arg) => Math.max(highest, arg.level), 0);
    return add({ kind: 'operation', opcode, args, imm, hasImmediate }, level, key);
  };
  const inRegister = (scalar: Scalar, level: number): Value => {
    if (!isConstant(scalar)) return scalar;
    const draft = {
      kind: 'operation',
      opcode: MACHINE_OPCODES.li,
      args: NO_VALUES,
      imm: scalar.bits,
      hasImmediate: false,
    } as const;
    return shareConstants ? add(draft, 0, `li${scalar.bits}`) : add(draft, level, undefined);
  };
  const twoOperands = (instruction: Instruction, a: Scalar, b: Scalar): Value => {
    if (isConstant(b)) return operation(instruction.opcode, [inRegister(a, 0)], b.bits, true);
    if (isConstant(a) && instruction.commutative) return operation(instruction.opcode, [b], a.bits, true);
    return operation(instruction.opcode, [inRegister(a, b.level), b], 0, false);
  };

  return {
    leaf: (kind, imm, level) =>
      add({ kind, opcode: 0, args: NO_VALUES, imm, hasImmediate: false }, level, `${kind}${imm}`),
    load: (slot, at, dtype) => {
      const opcode = dtype === 'f32' ? MACHINE_OPCODES.loadf : MACHINE_OPCODES.loadi;
      return operation(opcode, [inRegister(at, 0)], slot, false);
    },
    apply: (name, args) => {
      const instruction: Instruction = INSTRUCTIONS[name];
      if (args.every(isConstant)) return { bits: evaluateBits(instruction, args) };
      if (instruction.args.length === 1) return operation(instruction.opcode, args as Value[], 0, false);
      if (instruction.args.length === 2) return twoOperands(instruction, args[0]!, args[1]!);
      const condition = args[0]!;
      if (instruction.opcode === INSTRUCTIONS.iselect.opcode && isConstant(condition)) {
        return condition.bits !== 0 ? args[1]! : args[2]!;
      }
      const level = Math.max(...args.map((arg) => (isConstant(arg) ? 0 : arg.level)));
      return operation(
        instruction.opcode,
        args.map((arg) => inRegister(arg, level)),
        0,
        false,
      );
    },
  };
}

/** The bits of a constant as every machine reads it: a binary32 NaN is canonical. */
export function constantBits(bits: number, dtype: DType): number {
  return dtype === 'f32' && isForeignNaN(bits) ? CANONICAL_NAN : bits >>> 0;
}

function evaluateBits({ args, result, evaluate }: Instruction, constants: readonly Constant[]): number {
  const value = (at: number): number => {
    const bits = constants[at]?.bits ?? 0;
    return args[at] === 'f32' ? valueOf(bits) : bits | 0;
  };
  const outcome = evaluate(value(0), value(1), value(2));
  return result === 'f32' ? bitsOf(outcome) : outcome >>> 0;
}

function registersNeeded({ kind, args }: Draft): number {
  if (kind !== 'operation') return 0;
  const needs = args.map(({ need }) => need).sort((a, b) => b - a);
  return needs.reduce((most, need, held) => Math.max(most, need + held), 1);
}
