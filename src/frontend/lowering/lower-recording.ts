/** From a recording to a program. */
import { inMemory, type WordSource } from '../../commitments/word-source.js';
import { fail } from '../../errors/index.js';
import { bitsOf } from '../../numerics/float32.js';
import { ARITHMETIC_VERSION } from '../../numerics/instructions.js';
import { constantOf } from '../../operators/elementwise.js';
import type { Kernel } from '../../operators/kernel.js';
import { kernelOf, supportedKernels } from '../../operators/table.js';
import type { Program } from '../../program/program.js';
import type { RecordedCall, RecordedConstant, Recording } from '../recording.js';
import { cleanUp } from './clean-up.js';
import { elementCount, type LazyTensor, lazyTensor, scalarType, storedTensor } from './lazy-tensor.js';
import { DEFAULT_LIMITS, isPlain, type LoweringLimits, recomputeCost } from './limits.js';
import { createProgramBuilder, type ProgramAssembly, type ProgramBuilder } from './program-builder.js';
import { countReads, PLAIN_READS } from './reads.js';

/** Gives a batch input as a tensor over what the program can read. */
export type BatchBinding = (builder: ProgramBuilder) => LazyTensor;

export interface LowerRecordingParameters {
  readonly recording: Recording;
  /** One binding for each batch input, by its name. */
  readonly bind: Readonly<Record<string, BatchBinding>>;
  /** The job's seed. */
  readonly seed: number;
  readonly limits?: Partial<LoweringLimits>;
}

/** `Data` is `WordSource` where some constants may lie in files. */
export interface LoweredRecording<Data extends WordSource = Uint32Array> {
  readonly program: Program;
  /** The words of the program's constants, in order. */
  readonly constants: readonly Data[];
}

/** A next state is computed again by its readers up to this cost, so that it need not be stored twice. */
const RECOMPUTE_STATE = 8;

/**
 * Lowers a recording to a program. The outcome depends on nothing but the parameters.
 *
 * @throws `lowering.unknown-kernel`, `lowering.unsupported-attribute`, `lowering.unbound-input`, …
 */
export function lowerRecording(parameters: LowerRecordingParameters): LoweredRecording {
  const { program, constants } = lowerOverFiles(parameters);
  return { program, constants: constants.map(inMemory) };
}

/** Like {@link lowerRecording}, with constants that lie in files where the bindings left them there. */
export function lowerOverFiles(parameters: LowerRecordingParameters): LoweredRecording<WordSource> {
  const recording = cleanUp(parameters.recording);
  const limits = { ...DEFAULT_LIMITS, ...parameters.limits };
  const state = recording.state.map(({ name, shape, dtype }) => ({
    name,
    shape,
    dtype: scalarType(dtype),
    type: dtype,
  }));
  const builder = createProgramBuilder({ state, seed: parameters.seed, limits });
  const values = lowerValues(recording, parameters.bind, builder);
  const valueOf = (id: number): LazyTensor => {
    const tensor = values.get(id);
    if (tensor === undefined) throw new Error(`value ${id} of the recording has no origin`);
    return tensor;
  };
  builder.label = 'results';
  const results = Object.entries(recording.results).map(([name, id]): [string, number] => [
    name,
    builder.resultOperator(valueOf(id), `results/${name}`),
  ]);
  for (const [position, id] of recording.next.entries()) {
    builder.label = `${recording.state[position]!.name}/next`;
    builder.assembleNext(position, valueOf(id));
  }
  const { operators, constants, words } = builder.finish();
  const tensors = state.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
  const program = { operators, constants, state: tensors, arithmeticVersion: ARITHMETIC_VERSION };
  return { program: { ...program, results: Object.fromEntries(results) }, constants: words };
}

function lowerValues(
  recording: Recording,
  bind: Readonly<Record<string, BatchBinding>>,
  builder: ProgramAssembly,
): Map<number, LazyTensor> {
  const values = new Map<number, LazyTensor>();
  const reads = countReads(recording);
  const nextState = new Set(recording.next);
  const define = (id: number, tensor: LazyTensor): void => {
    values.set(id, tensor);
    labelAll(tensor, builder.label);
    builder.keepWithinLimits(tensor);
    if (mustStore(tensor, reads.get(id) ?? 0, nextState.has(id), builder.limits)) builder.store(tensor);
  };
  for (const [position, { id }] of recording.state.entries()) values.set(id, builder.state(position));
  for (const constant of recording.constants) values.set(constant.id, lowerConstant(constant, builder));
  for (const { id, name, shape, dtype } of recording.batch) {
    if ((reads.get(id) ?? 0) === 0) continue;
    builder.label = `${name}/batch`;
    define(id, boundInput(name, shape, dtype, bind, builder));
  }
  for (const call of recording.calls) {
    builder.label = `${call.scope}/${call.phase}`;
    const lowered = lowerCall(call, values, builder);
    for (const [position, { id }] of call.outputs.entries()) define(id, lowered[position]!);
  }
  return values;
}

function boundInput(
  name: string,
  shape: readonly number[],
  dtype: RecordedConstant['dtype'],
  bind: Readonly<Record<string, BatchBinding>>,
  builder: ProgramBuilder,
): LazyTensor {
  if (!Object.hasOwn(bind, name)) {
    throw fail('lowering.unbound-input', { name, bound: Object.keys(bind).join(', ') || 'none' });
  }
  const tensor = bind[name]!(builder);
  if (tensor.shape.join() !== shape.join()) {
    throw fail('lowering.shape-mismatch', { name, given: tensor.shape.join(', '), expected: shape.join(', ') });
  }
  if (tensor.dtype !== dtype) throw new Error(`batch input ${name} is bound to ${tensor.dtype}, expected ${dtype}`);
  return tensor;
}

function lowerCall(
  call: RecordedCall,
  values: ReadonlyMap<number, LazyTensor>,
  builder: ProgramBuilder,
): readonly LazyTensor[] {
  const kernel = knownKernel(call);
  for (const value of call.outputs) {
    if (elementCount(value) === 0) {
      throw fail('lowering.empty-tensor', { kernel: call.kernel, layer: call.scope, shape: value.shape.join(', ') });
    }
  }
  const inputs = Object.fromEntries(Object.entries(call.inputs).map(([name, id]) => [name, values.get(id)!]));
  const lowered = kernel.lower({ call, inputs, builder });
  return 'compute' in lowered ? [lowered] : lowered;
}

function knownKernel({ kernel, scope, phase }: RecordedCall): Kernel {
  const known = kernelOf(kernel);
  if (known !== undefined) return known;
  throw fail('lowering.unknown-kernel', { kernel, layer: scope, phase, supported: supportedKernels().join(', ') });
}

/** A uniform constant is part of the expressions that use it; others are constants of the program. */
function lowerConstant(constant: RecordedConstant, builder: ProgramBuilder): LazyTensor {
  const { id, shape, dtype, fill, values } = constant;
  if (fill !== undefined) {
    const value = constantOf(fill, dtype);
    return lazyTensor({ shape, dtype, kind: 'fill', compute: () => value });
  }
  const words = Uint32Array.from(values!, (value) => (dtype === 'float32' ? bitsOf(Math.fround(value)) : value >>> 0));
  const source = builder.constant({ name: `constant_${id}`, dtype: scalarType(dtype), shape }, words);
  return storedTensor(source, shape, dtype);
}

/** Names the layer of a tensor and of what was made on the way to it. */
function labelAll(tensor: LazyTensor, label: string): void {
  if (tensor.label !== undefined) return;
  tensor.label = label;
  for (const input of tensor.inputs) labelAll(input, label);
}

function mustStore(tensor: LazyTensor, reads: number, isNextState: boolean, limits: LoweringLimits): boolean {
  if (tensor.source !== undefined || isPlain(tensor)) return false;
  if (reads >= PLAIN_READS || limits.recompute < 0) return true;
  if (reads <= 1) return false;
  return recomputeCost(tensor) > (isNextState ? Math.max(RECOMPUTE_STATE, limits.recompute) : limits.recompute);
}
