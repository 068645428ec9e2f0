import { fail, type GensynError } from '../../errors/index.js';
import type { Attribute, TensorType } from '../recording.js';
import { clientPlace } from './client-place.js';
import { type Tensor, tf, type Variable } from './load-tfjs.js';
import type { RecordingBackend } from './recording-backend.js';
import type { KernelAttributes, KernelInputs, Shaped } from './shapes/kernel-signature.js';
import { SHAPE_INFERENCE } from './shapes/shape-inference.js';
import {
  type ConstantSymbol,
  elementCount,
  newConstantValues,
  type OutputSymbol,
  type Phase,
  type SymbolicCall,
  type SymbolicValue,
} from './symbolic-value.js';

/** Constants of more elements than this, not all equal, may not be made inside a step: they hide host data or randomness. */
export const HOST_CONSTANT_LIMIT = 64;

const NAME_OUTSIDE_OF_LAYERS = 'model';

/** A tfjs variable with the symbol it holds at the start of a step and the value it began with. */
export interface TrackedVariable {
  readonly variable: Variable;
  initial: number;
  symbol: number;
}

type WithoutId<Value> = Value extends SymbolicValue ? Omit<Value, 'id'> : never;

/** Everything that one recording gathers: values, calls, variables, and where in the model it stands. */
export class RecordingSession {
  readonly values: SymbolicValue[] = [];
  readonly calls: SymbolicCall[] = [];
  readonly variables = new Map<Variable, TrackedVariable>();
  readonly warnings = new Set<string>();
  /** A scalar constant of this value stands for a tensor (see learning-rate.ts). */
  readonly scalarStandIns = new Map<number, SymbolicValue>();
  scope: readonly string[] = [];
  phase: Phase = 'build';
  insideStep = false;
  /** The first refusal. Code of the model may swallow what is thrown at it, so it is raised again after each step. */
  refusal: GensynError | undefined;
  private attachedBackend: RecordingBackend | undefined;

  get backend(): RecordingBackend {
    if (this.attachedBackend === undefined) {
      throw new Error('the recording session has no backend yet');
    }
    return this.attachedBackend;
  }

  set backend(backend: RecordingBackend) {
    this.attachedBackend = backend;
  }

  /** The layer that is running, for people; never empty. */
  get layerName(): string {
    return this.scope.length === 0 ? NAME_OUTSIDE_OF_LAYERS : this.scope.join('/');
  }

  refuse(error: GensynError): GensynError {
    this.refusal ??= error;
    return error;
  }

  within<Result>(name: string, run: () => Result): Result {
    return this.withScope([...this.scope, name], run);
  }

  withScope<Result>(scope: readonly string[], run: () => Result): Result {
    const outer = this.scope;
    this.scope = scope;
    try {
      return run();
    } finally {
      this.scope = outer;
    }
  }

  withPhase<Result>(phase: Phase, run: () => Result): Result {
    const outer = this.phase;
    this.phase = phase;
    try {
      return run();
    } finally {
      this.phase = outer;
    }
  }

  valueAt(id: number): SymbolicValue {
    const value = this.values[id];
    if (value === undefined) {
      throw new Error(`no symbolic value ${id}`);
    }
    return value;
  }

  valueOf(tensor: Tensor): SymbolicValue {
    return this.backend.symbolOf(tensor.dataId);
  }

  /** Makes a tensor that stands for a new input of the step. */
  inputTensor(kind: 'state' | 'batch', name: string, shape: readonly number[], dtype: TensorType): Tensor {
    const value = this.add({ kind, name, shape: shape.slice(), dtype });
    const info = { dataId: this.backend.allocate(value), shape: shape.slice(), dtype };
    return tf.engine().makeTensorFromTensorInfo(info, this.backend);
  }

  /** Stores values that the host wrote; equal elements are kept as one number. */
  constant(values: ArrayLike<number>, shape: readonly number[], dtype: string): SymbolicValue {
    const type = this.recordableType(dtype);
    const standIn =
      values.length === 1 && type === 'float32' ? this.scalarStandIns.get(values[0] as number) : undefined;
    if (standIn !== undefined) {
      return standIn;
    }
    const length = elementCount(shape);
    const typed = newConstantValues(type, length);
    typed.set(values);
    if (isUniform(typed)) {
      return this.add({ kind: 'constant', shape: shape.slice(), dtype: type, fill: typed[0] ?? 0 });
    }
    this.checkHostConstant(length);
    return this.add({ kind: 'constant', shape: shape.slice(), dtype: type, values: typed });
  }

  /** Records a kernel call and gives its outputs. */
  call(
    kernel: string,
    inputs: Readonly<Record<string, Tensor | undefined>>,
    attributes: object | undefined,
  ): OutputSymbol[] {
    const inputIds: Record<string, number> = {};
    const inputShapes: Record<string, Shaped> = {};
    for (const [name, tensor] of Object.entries(inputs)) {
      if (tensor !== undefined && tensor !== null) {
        inputIds[name] = this.valueOf(tensor).id;
        inputShapes[name] = { shape: tensor.shape, dtype: tensor.dtype as TensorType };
      }
    }
    const shapes = this.inferShapes(kernel, inputShapes, attributes ?? {});
    const call: SymbolicCall = {
      kernel,
      attributes: plainAttributes(attributes ?? {}),
      inputs: inputIds,
      outputs: [],
      scope: this.layerName,
      phase: this.phase,
    };
    this.calls.push(call);
    for (const { shape, dtype } of shapes) {
      call.outputs.push(this.add({ kind: 'output', call, shape, dtype: this.recordableType(dtype) }) as OutputSymbol);
    }
    return call.outputs;
  }

  private inferShapes(kernel: string, inputs: Readonly<Record<string, Shaped>>, attributes: object): Shaped[] {
    const infer = SHAPE_INFERENCE.get(kernel);
    if (infer === undefined) {
      throw this.refuse(fail('frontend.unknown-kernel', { kernel, layer: this.layerName }));
    }
    try {
      return infer(inputs as unknown as KernelInputs, attributes as KernelAttributes);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw this.refuse(fail('frontend.kernel-failed', { kernel, layer: this.layerName, reason }, { cause }));
    }
  }

  private recordableType(dtype: string): TensorType {
    if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') {
      return dtype;
    }
    throw this.refuse(fail('frontend.unknown-dtype', { layer: this.layerName, dtype }));
  }

  private checkHostConstant(elements: number): void {
    if (!this.insideStep) {
      return;
    }
    const layer = this.layerName;
    if (elements > HOST_CONSTANT_LIMIT) {
      throw this.refuse(
        fail('frontend.host-constant', { layer, elements, limit: HOST_CONSTANT_LIMIT, place: clientPlace() }),
      );
    }
    this.warnings.add(`Layer '${layer}' makes a constant of ${elements} numbers on the host in every step.`);
  }

  private add(value: WithoutId<SymbolicValue>): SymbolicValue {
    const numbered = { ...value, id: this.values.length } as SymbolicValue;
    this.values.push(numbered);
    return numbered;
  }
}

/** True if every element has the same bits as the first (−0 is not 0). */
function isUniform(values: ConstantSymbol['values'] & object): boolean {
  const first = values[0];
  return values.every((value) => Object.is(value, first));
}

/** Attributes as plain data: no undefined, no typed arrays, no functions. */
function plainAttributes(attributes: object): Record<string, Attribute> {
  const plain: Record<string, Attribute> = {};
  for (const [name, value] of Object.entries(attributes) as [string, unknown][]) {
    if (value !== undefined) {
      plain[name] = plainAttribute(value, name);
    }
  }
  return plain;
}

function plainAttribute(value: unknown, name: string): Attribute {
  if (value === null || typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') {
    return value;
  }
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return Array.from(value as ArrayLike<unknown>, (element) => plainAttribute(element, name));
  }
  if (typeof value === 'object') {
    return plainAttributes(value);
  }
  throw new Error(`attribute ${name} is a ${typeof value}`);
}
