import { fail, type GensynError } from '../../errors/index.js';
import { clientPlace } from './client-place.js';
import { tf } from './load-tfjs.js';
import { describeValue, expandConstant, type SymbolicValue } from './symbolic-value.js';

/** No underscore: tfjs cuts the registry's keys at the first one. */
export const RECORDING_BACKEND = 'gensyn';

type DataId = object;
/** What tfjs hands over; strings (byte arrays) are refused by their dtype. */
type HostValues = Float32Array | Int32Array | Uint8Array | Uint8Array[];

interface StoredValue {
  readonly value: SymbolicValue;
  references: number;
}

/** Where the backend reports: the recording session. */
export interface RecordingSink {
  /** The layer at work, for messages. */
  readonly layerName: string;
  constant(values: ArrayLike<number>, shape: readonly number[], dtype: string): SymbolicValue;
  /** Notes a refusal, so that model code cannot swallow it. */
  refuse(error: GensynError): GensynError;
}

/**
 * A tfjs backend without data: a dataId stands for one symbolic value, and one only, so that value and dataId are
 * interchangeable. Kernels (see kernels.ts) infer shapes and record their call.
 */
export class RecordingBackend extends tf.KernelBackend {
  private readonly session: RecordingSink;
  private readonly data: InstanceType<typeof tf.DataStorage<StoredValue>>;

  constructor(session: RecordingSink) {
    super();
    this.session = session;
    this.data = new tf.DataStorage<StoredValue>(this, tf.engine());
  }

  allocate(value: SymbolicValue): DataId {
    const dataId = {};
    this.data.set(dataId, { value, references: 1 });
    return dataId;
  }

  /** The value behind a dataId; a tensor of another backend is pulled in through `move` and becomes a constant. */
  symbolOf(dataId: DataId): SymbolicValue {
    return this.data.get(dataId).value;
  }

  override write(values: HostValues, shape: number[], dtype: string): DataId {
    return this.allocate(this.session.constant(values as ArrayLike<number>, shape, dtype));
  }

  override move(dataId: DataId, values: HostValues, shape: number[], dtype: string, references: number): void {
    this.data.set(dataId, { value: this.session.constant(values as ArrayLike<number>, shape, dtype), references });
  }

  override readSync(dataId: DataId): Float32Array | Int32Array | Uint8Array {
    const value = this.symbolOf(dataId);
    if (value.kind === 'constant') {
      return expandConstant(value);
    }
    const args = { layer: this.session.layerName, value: describeValue(value), place: clientPlace() };
    throw this.session.refuse(fail('frontend.host-read', args));
  }

  override async read(dataId: DataId): Promise<Float32Array | Int32Array | Uint8Array> {
    return this.readSync(dataId);
  }

  override refCount(dataId: DataId): number {
    return this.data.has(dataId) ? this.data.get(dataId).references : 0;
  }

  override incRef(dataId: DataId): void {
    this.data.get(dataId).references++;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.data.has(dataId)) {
      return true;
    }
    const stored = this.data.get(dataId);
    stored.references--;
    if (!force && stored.references > 0) {
      return false;
    }
    this.data.delete(dataId);
    return true;
  }

  /** Constant: the engine's leak check expects views to share a dataId, and here they do not. */
  override numDataIds(): number {
    return 0;
  }

  override memory(): { unreliable: boolean; reasons: string[] } {
    return { unreliable: true, reasons: ['symbolic'] };
  }

  override timerAvailable(): boolean {
    return true;
  }

  /** Calls the function at once: the profiler reads its outputs right after. */
  override async time(run: () => void): Promise<{ kernelMs: number }> {
    run();
    return { kernelMs: 0 };
  }

  /** Fixes `epsilon()` at 1e-7, the default in tfjs's optimisers and losses. */
  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override dispose(): void {}
}
