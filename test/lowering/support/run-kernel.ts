/** Runs one kernel call as a program on the reference interpreter, and on tfjs's cpu backend. */
import { referenceBackend } from '../../../src/backends/reference/reference-backend.js';
import { DEFAULT_LIMITS, type LoweringLimits } from '../../../src/frontend/lowering/limits.js';
import { lowerRecording } from '../../../src/frontend/lowering/lower-recording.js';
import type { Attribute, RecordedCall, RecordedState, Recording, TensorType } from '../../../src/frontend/recording.js';
import { type Tensor, tf } from '../../../src/frontend/tfjs/load-tfjs.js';
import { bitsOf, valueOf } from '../../../src/numerics/float32.js';
import type { Program } from '../../../src/program/program.js';

export interface TestTensor {
  readonly shape: readonly number[];
  readonly dtype: TensorType;
  readonly values: readonly number[];
}

export interface TestCall {
  readonly kernel: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly inputs: Readonly<Record<string, TestTensor>>;
}

export function wordsOf({ dtype, values }: TestTensor): Uint32Array {
  return Uint32Array.from(values, (value) => (dtype === 'float32' ? bitsOf(Math.fround(value)) : value >>> 0));
}

export function valuesOf(words: Uint32Array, dtype: TensorType): number[] {
  return Array.from(words, (word) => (dtype === 'float32' ? valueOf(word) : word | 0));
}

/** The outputs of a kernel on tfjs's current backend. */
export function runOnTfjs({ kernel, attributes = {}, inputs }: TestCall): TestTensor[] {
  return tf.tidy(() => {
    const named = Object.entries(inputs).map(([name, tensor]) => [name, tensorOf(tensor)] as const);
    const isList = named.length > 0 && named.every(([name], position) => name === String(position));
    const given = isList ? named.map(([, tensor]) => tensor) : Object.fromEntries(named);
    const result = tf.engine().runKernel(kernel, given as never, attributes as never) as Tensor | Tensor[];
    const outputs = (Array.isArray(result) ? result : [result]).map((tensor) => ({
      shape: tensor.shape,
      dtype: tensor.dtype as TensorType,
      values: Array.from(tensor.dataSync()),
    }));
    return outputs as never;
  }) as unknown as TestTensor[];
}

function tensorOf({ shape, dtype, values }: TestTensor): Tensor {
  const data =
    dtype === 'float32'
      ? Float32Array.from(values)
      : dtype === 'bool'
        ? Uint8Array.from(values)
        : Int32Array.from(values);
  return tf.tensor(data, shape.slice(), dtype);
}

/** A recording with the inputs and the outputs of a call as its state; the outputs' next values are what it computes. */
export function recordingOf({ kernel, attributes = {}, inputs }: TestCall, outputs: readonly TestTensor[]): Recording {
  const given = Object.entries(inputs);
  const state: RecordedState[] = [
    ...given.map(([name, { shape, dtype }], id) => ({ id, name, shape, dtype, role: 'input' })),
    ...outputs.map(({ shape, dtype }, at) => ({ id: 100 + at, name: `out_${at}`, shape, dtype, role: 'output' })),
  ];
  const call: RecordedCall = {
    kernel,
    attributes,
    inputs: Object.fromEntries(given.map(([name], id) => [name, id])),
    outputs: outputs.map(({ shape, dtype }, at) => ({ id: 200 + at, shape, dtype })),
    scope: 'layer',
    phase: 'forward',
  };
  const next = [...given.map((_, id) => id), ...outputs.map((_, at) => 200 + at)];
  return { state, batch: [], constants: [], calls: [call], next, results: {} };
}

/** The outputs of a kernel on the reference interpreter. */
export async function runOnReference(
  call: TestCall,
  outputs: readonly TestTensor[],
  limits: LoweringLimits = DEFAULT_LIMITS,
): Promise<TestTensor[]> {
  const { program, constants } = lowerRecording({ recording: recordingOf(call, outputs), bind: {}, seed: 1, limits });
  const given = Object.values(call.inputs);
  const state = [...given.map(wordsOf), ...outputs.map(({ values }) => new Uint32Array(values.length))];
  const after = await runSteps(program, constants, state, 1);
  return outputs.map((output, at) => ({ ...output, values: valuesOf(after.state[given.length + at]!, output.dtype) }));
}

export interface Outcome {
  readonly state: readonly Uint32Array[];
  readonly results: Uint32Array[];
}

export async function runSteps(
  program: Program,
  constants: readonly Uint32Array[],
  state: readonly Uint32Array[],
  steps: number,
): Promise<Outcome> {
  const executor = await referenceBackend.prepare(program, constants, { threads: 1 });
  await executor.writeState(state);
  const results = await executor.run(0, steps);
  const after = await executor.readState();
  await executor.dispose();
  return { state: after, results };
}

/** The largest difference, relative to the larger of 1 and the expected value. NaN must meet NaN. */
export function distance(found: readonly number[], expected: readonly number[]): number {
  if (found.length !== expected.length) return Infinity;
  return found.reduce((largest, value, at) => {
    const wanted = expected[at]!;
    if (Object.is(value, wanted) || value === wanted || (Number.isNaN(value) && Number.isNaN(wanted))) return largest;
    const difference = Math.abs(value - wanted) / Math.max(1, Math.abs(wanted));
    return Math.max(largest, Number.isNaN(difference) ? Infinity : difference);
  }, 0);
}
