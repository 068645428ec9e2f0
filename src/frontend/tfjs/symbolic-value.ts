import type { Attribute, TensorType } from '../recording.js';

export type Phase = 'forward' | 'backward' | 'update' | 'build';

interface ValueBase {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: TensorType;
}

export type ConstantValues = Float32Array | Int32Array | Uint8Array;

/** A value known while recording: `fill` for every element, or all `values`. */
export interface ConstantSymbol extends ValueBase {
  readonly kind: 'constant';
  readonly fill?: number;
  readonly values?: ConstantValues;
}

/** The value of a variable at the start of a step, or a batch input. */
export interface InputSymbol extends ValueBase {
  readonly kind: 'state' | 'batch';
  readonly name: string;
}

export interface OutputSymbol extends ValueBase {
  readonly kind: 'output';
  readonly call: SymbolicCall;
}

/** What a tensor stands for while a step is recorded. */
export type SymbolicValue = ConstantSymbol | InputSymbol | OutputSymbol;

export interface SymbolicCall {
  readonly kernel: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly inputs: Readonly<Record<string, number>>;
  readonly outputs: OutputSymbol[];
  readonly scope: string;
  readonly phase: Phase;
}

/** Names a value for people. */
export function describeValue(value: SymbolicValue): string {
  switch (value.kind) {
    case 'output':
      return `the output of ${value.call.kernel} (shape [${value.shape}], layer '${value.call.scope}')`;
    case 'constant':
      return `a constant of shape [${value.shape}]`;
    case 'state':
      return `the variable '${value.name}'`;
    case 'batch':
      return `the batch input '${value.name}'`;
  }
}

/** All numbers of a constant, row-major. */
export function expandConstant(constant: ConstantSymbol): ConstantValues {
  return constant.values ?? newConstantValues(constant.dtype, elementCount(constant.shape)).fill(constant.fill ?? 0);
}

export function newConstantValues(dtype: TensorType, length: number): ConstantValues {
  switch (dtype) {
    case 'float32':
      return new Float32Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'bool':
      return new Uint8Array(length);
  }
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
