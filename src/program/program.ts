/**
 * A program: one training step as a list of operators. It is data; nothing of it is ever executed as code.
 *
 * Operators 0 … M−1 are *temporaries*. Operators M … M+T−1 are the *state operators*: operator M+t computes tensor t of
 * the next state, and an unchanged tensor is an identity operator. An operator reads temporaries before it, the state
 * before the step, and constants (protocol: `Program`).
 */
import type { Operator } from '../expr/operator.js';
import type { DType } from '../numerics/instructions.js';

/** Where an operand comes from. The numbers of the kinds stand in the operator's leaf. */
export const SLOT_KINDS = { temporary: 0, state: 1, constant: 2 } as const;
export type SlotKind = keyof typeof SLOT_KINDS;

export interface Slot {
  readonly kind: SlotKind;
  readonly index: number;
}

export interface ProgramOperator {
  readonly operator: Operator;
  /** One source for each operand of the operator. */
  readonly slots: readonly Slot[];
  /** The layer (or part of the training step) it belongs to, for people: `dense_1/forward`. It decides no bit. */
  readonly label: string;
}

export interface StateTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** A `u8` constant is packed into little-endian words, its last word padded with zero bytes. */
export type ConstantDType = DType | 'u8';

export interface ConstantTensor {
  readonly name: string;
  readonly dtype: ConstantDType;
  readonly shape: readonly number[];
}

export interface Program {
  readonly arithmeticVersion: number;
  /** M temporaries, then one operator for each state tensor. */
  readonly operators: readonly ProgramOperator[];
  readonly state: readonly StateTensor[];
  readonly constants: readonly ConstantTensor[];
  /** Temporaries of one element that people want to see after a step: `loss`, `accuracy`, … → operator number. */
  readonly results: Readonly<Record<string, number>>;
}

/** M, the number of temporaries. */
export function temporaryCount(program: Program): number {
  return program.operators.length - program.state.length;
}

/** Length of a state tensor in words. */
export function stateWords(tensor: StateTensor): number {
  return tensor.shape.reduce((total, extent) => total * extent, 1);
}

/** Length of a constant in words. */
export function constantWords(tensor: ConstantTensor): number {
  const elements = tensor.shape.reduce((total, extent) => total * extent, 1);
  return tensor.dtype === 'u8' ? Math.ceil(elements / 4) : elements;
}

/**
 * True where a state operator only copies: a machine may alias its operand instead of running it. A binary32 copy makes
 * NaNs canonical, so this relies on stored binary32 tensors (genesis, checkpoints, constants) holding no other NaN.
 */
export function isIdentity({ operator }: ProgramOperator): boolean {
  const { body, operands, reduction, domain } = operator;
  if (operator.kind !== 'identity' || operands.length !== 1 || reduction.length !== 0 || domain.length !== 1)
    return false;
  const root = body.nodes[body.finish]!;
  const at = body.nodes[root.args[0] ?? -1];
  const { dtype, words } = operands[0]!;
  return root.op === 'load' && root.dtype === dtype && at?.op === 'index' && domain[0] === words;
}
