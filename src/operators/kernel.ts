/** What the lowering of a tfjs kernel is, and how it reads its inputs and attributes. */
import { fail } from '../errors/index.js';
import { type LazyTensor, lazyTensor } from '../frontend/lowering/lazy-tensor.js';
import type { ProgramBuilder } from '../frontend/lowering/program-builder.js';
import type { Attribute, RecordedCall, RecordedValue } from '../frontend/recording.js';

/** One call of a kernel, ready to be lowered. */
export interface KernelContext {
  readonly call: RecordedCall;
  readonly inputs: Readonly<Record<string, LazyTensor>>;
  readonly builder: ProgramBuilder;
}

/**
 * How often a kernel reads an element of an input. It decides whether a value with one reader is stored, never a bit.
 *
 * - `once`: once for each element of the output, or less; an input that is broadcast is read `often`;
 * - `view`: as often as the output is read;
 * - `often`: several times;
 * - `plain`: so often that the input must lie in memory.
 */
export type ReadPattern = 'once' | 'view' | 'often' | 'plain';

export interface Kernel {
  readonly reads: ReadPattern;
  /** Gives one tensor for each output of the call. */
  readonly lower: (context: KernelContext) => LazyTensor | readonly LazyTensor[];
}

export type KernelTable = Readonly<Record<string, Kernel>>;

export function input({ call, inputs }: KernelContext, name: string): LazyTensor {
  const tensor = inputs[name];
  if (tensor === undefined) throw new Error(`kernel ${call.kernel} was recorded without its input ${name}`);
  return tensor;
}

/** The inputs of a kernel that takes a list, in order. */
export function listOfInputs({ inputs }: KernelContext): LazyTensor[] {
  return Object.keys(inputs)
    .sort((a, b) => Number(a) - Number(b))
    .map((name) => inputs[name]!);
}

export function output({ call }: KernelContext, position = 0): RecordedValue {
  const value = call.outputs[position];
  if (value === undefined) throw new Error(`kernel ${call.kernel} was recorded without output ${position}`);
  return value;
}

/** A number attribute; `otherwise` where it is absent. Infinities and NaN are recorded as strings. */
export function numberAttribute(context: KernelContext, name: string, otherwise?: number): number {
  const value = context.call.attributes[name] ?? otherwise;
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (value === 'Infinity' || value === '-Infinity' || value === 'NaN') return Number(value);
  throw unsupported(context, name, value, 'a number');
}

export function flagAttribute({ call }: KernelContext, name: string): boolean {
  return call.attributes[name] === true;
}

/** A list of integers; a single number is a list of one. */
export function integersAttribute(context: KernelContext, name: string): readonly number[] {
  const value = context.call.attributes[name];
  const list = typeof value === 'number' ? [value] : value;
  if (Array.isArray(list) && list.every((item) => Number.isInteger(item))) return list as readonly number[];
  throw unsupported(context, name, value, 'a list of integers');
}

/** An axis counted from the front. */
export function axisAttribute(context: KernelContext, rank: number, otherwise?: number): number {
  const value = context.call.attributes['axis'];
  const axis =
    Array.isArray(value) && value.length === 1 ? Number(value[0]) : numberAttribute(context, 'axis', otherwise);
  return axis < 0 ? axis + rank : axis;
}

export function unsupported(
  { call }: KernelContext,
  attribute: string,
  value: Attribute | undefined,
  expected: string,
): Error {
  const { kernel, scope } = call;
  return fail('lowering.unsupported-attribute', {
    kernel,
    layer: scope,
    attribute,
    value: JSON.stringify(value) ?? 'nothing',
    expected,
  });
}

export function unsupportedType({ call }: KernelContext, type: string, supported: string): Error {
  return fail('lowering.unsupported-type', { kernel: call.kernel, layer: call.scope, type, supported });
}

/** A tensor with the shape and type of the call's output. */
export function outputTensor(
  context: KernelContext,
  kind: string,
  inputs: readonly LazyTensor[],
  compute: LazyTensor['compute'],
): LazyTensor {
  const { shape, dtype } = output(context);
  return lazyTensor({ shape, dtype, kind, inputs, compute });
}
