/** Replays a recorded training step kernel by kernel on a tfjs backend. */
import type { Executor, Words } from '../../backends/backend.js';
import { blake3Words } from '../../commitments/hasher.js';
import { fail } from '../../errors/index.js';
import type { RecordedCall, RecordedConstant, RecordedValue, Recording } from '../../frontend/recording.js';
import type { Tensor } from '../../frontend/tfjs/load-tfjs.js';
import { tensorNumbers, tensorWords } from './numbers.js';
import { BROADCAST, type PlannedCall, type ReplayPlan } from './replay-plan.js';
import type { OpenTfjs, Tfjs } from './tfjs-package.js';

export interface ReplayParts {
  readonly tfjs: OpenTfjs;
  readonly recording: Recording;
  readonly plan: ReplayPlan;
  /** Runs the feed program; its state after step `s` is what `values` are in that step. */
  readonly feeds: Executor;
  readonly values: readonly RecordedValue[];
  /** The names of the results, in the order in which they are asked for. */
  readonly results: readonly string[];
}

/** A recorded training step on a tfjs backend. Nothing about its bits is promised. */
export class ReplayExecutor implements Executor {
  readonly #parts: ReplayParts;
  readonly #tf: Tfjs;
  readonly #constants: ReadonlyMap<number, Tensor>;
  #state: readonly Tensor[] = [];
  #fed: readonly Words[] | undefined;

  constructor(parts: ReplayParts) {
    this.#parts = parts;
    this.#tf = parts.tfjs.tf;
    this.#constants = new Map(
      parts.recording.constants.map((value) => [value.id, this.#tensor(value, constantNumbers(value))]),
    );
  }

  async writeState(state: readonly Words[]): Promise<void> {
    this.#replaceState(this.#parts.recording.state.map((value, at) => this.#fromWords(value, state[at]!)));
  }

  async readState(into?: readonly Words[]): Promise<readonly Words[]> {
    return this.#state.map((tensor, at) => {
      const words = tensorWords(tensor);
      const target = into?.[at];
      if (target === undefined) return words;
      target.set(words);
      return target;
    });
  }

  /** @throws `tensorflow.kernel-failed` */
  async run(from: number, steps: number): Promise<Words[]> {
    const results: Words[] = [];
    for (let step = from; step < from + steps; step++) results.push(await this.#step(step));
    return results;
  }

  /** @throws `tensorflow.no-operators` always: a kernel of a vendor is no operator of the program. */
  async runObserved(): Promise<Words> {
    throw fail('tensorflow.no-operators', {});
  }

  async hashState(): Promise<Uint8Array[]> {
    return (await this.readState()).map(blake3Words);
  }

  async dispose(): Promise<void> {
    this.#replaceState([]);
    for (const tensor of this.#constants.values()) tensor.dispose();
    await this.#parts.feeds.dispose();
  }

  async #step(step: number): Promise<Words> {
    const { feeds, values, recording, plan } = this.#parts;
    await feeds.run(step, 1);
    this.#fed = await feeds.readState(this.#fed);
    const live = new Map<number, Tensor>();
    for (const [at, value] of values.entries()) live.set(value.id, this.#fromWords(value, this.#fed[at]!));
    const known = new Map(recording.state.map(({ id }, at) => [id, this.#state[at]!]));
    const find = (id: number): Tensor => {
      const tensor = live.get(id) ?? known.get(id) ?? this.#constants.get(id);
      if (tensor === undefined) throw new Error(`value ${id} of the recording has no origin`);
      return tensor;
    };
    for (const planned of plan.calls) this.#replay(planned, live, find);
    const results = this.#results(find);
    // Copies, because a next state may be an old one, a constant, or the next state of two tensors.
    const next = recording.next.map((id) => this.#kernel('Identity', { x: find(id) }, {})[0]!);
    for (const tensor of live.values()) tensor.dispose();
    this.#replaceState(next);
    return results;
  }

  #replay({ call, dying }: PlannedCall, live: Map<number, Tensor>, find: (id: number) => Tensor): void {
    const outputs = this.#call(call, find);
    for (const [at, value] of call.outputs.entries()) {
      const found = outputs[at];
      if (found === undefined || !isSame(found, value)) throw this.#failure(call, `it gave ${describe(found)}`);
      live.set(value.id, found);
    }
    for (const id of dying) {
      live.get(id)?.dispose();
      live.delete(id);
    }
  }

  #call(call: RecordedCall, find: (id: number) => Tensor): readonly Tensor[] {
    const named = Object.entries(call.inputs).map(([name, id]) => [name, find(id)] as const);
    try {
      if (call.kernel === BROADCAST) return [this.#broadcast(named[0]![1], call.outputs[0]!.shape)];
      if (call.kernel === 'OneHot') return [this.#oneHot(named[0]![1], call)];
      const isList = named.length > 0 && named.every(([name], index) => name === String(index));
      return this.#kernel(
        call.kernel,
        isList ? named.map(([, tensor]) => tensor) : Object.fromEntries(named),
        call.attributes,
      );
    } catch (cause) {
      throw this.#failure(call, cause instanceof Error ? cause.message.split('\n')[0]! : String(cause), cause);
    }
  }

  #kernel(name: string, inputs: unknown, attributes: unknown): readonly Tensor[] {
    const outputs = this.#tf.engine().runKernel(name, inputs as never, attributes as never) as Tensor | Tensor[];
    return Array.isArray(outputs) ? outputs : [outputs];
  }

  #broadcast(x: Tensor, shape: readonly number[]): Tensor {
    const padded = [...new Array<number>(shape.length - x.rank).fill(1), ...x.shape];
    const [reshaped] = this.#kernel('Reshape', { x }, { shape: padded });
    const [tiled] = this.#kernel('Tile', { x: reshaped }, { reps: shape.map((size, axis) => size / padded[axis]!) });
    reshaped!.dispose();
    return tiled!;
  }

  /** As integers, then cast: tfjs-backend-wasm 4.22 writes integers whatever the type says. */
  #oneHot(indices: Tensor, { attributes, outputs }: RecordedCall): Tensor {
    const [integers] = this.#kernel('OneHot', { indices }, { ...attributes, dtype: 'int32' });
    const [cast] = this.#kernel('Cast', { x: integers }, { dtype: outputs[0]!.dtype });
    integers!.dispose();
    return cast!;
  }

  #results(find: (id: number) => Tensor): Words {
    const { recording, results } = this.#parts;
    return Uint32Array.from(results, (name) => tensorWords(find(recording.results[name]!))[0]!);
  }

  #replaceState(next: readonly Tensor[]): void {
    for (const tensor of this.#state) tensor.dispose();
    this.#state = next;
  }

  #fromWords(value: RecordedValue, words: Words): Tensor {
    return this.#tensor(value, tensorNumbers(words, value.dtype));
  }

  #tensor({ shape, dtype }: RecordedValue, numbers: ReturnType<typeof tensorNumbers>): Tensor {
    return this.#tf.tensor(numbers, [...shape], dtype);
  }

  #failure({ kernel, scope, outputs }: RecordedCall, reason: string, cause?: unknown): Error {
    const expected = outputs.map(describe).join(' and ');
    const args = { kernel, layer: scope, package: this.#parts.tfjs.package, expected, reason };
    return fail('tensorflow.kernel-failed', args, { cause });
  }
}

interface Shaped {
  readonly shape: readonly number[];
  readonly dtype: string;
}

function isSame(found: Shaped, { shape, dtype }: RecordedValue): boolean {
  return (
    found.dtype === dtype &&
    found.shape.length === shape.length &&
    found.shape.every((size, axis) => size === shape[axis])
  );
}

function describe(value: Shaped | undefined): string {
  return value === undefined ? 'nothing' : `${value.dtype} [${value.shape.join(', ')}]`;
}

function constantNumbers({ shape, dtype, fill, values }: RecordedConstant): ReturnType<typeof tensorNumbers> {
  // A copy: a tfjs backend keeps the array that it is given.
  if (values !== undefined) return values.slice();
  const length = shape.reduce((size, extent) => size * extent, 1);
  const numbers = tensorNumbers(new Uint32Array(length), dtype);
  return numbers.fill(fill ?? 0);
}
