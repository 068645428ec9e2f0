import { fail } from '../../errors/index.js';
import { outputWords } from '../../expr/operator.js';
import { CANONICAL_NAN, isForeignNaN } from '../../numerics/float32.js';
import { type Program, stateWords, temporaryCount } from '../../program/program.js';
import type { Executor, Words } from '../backend.js';
import type { OpenDevice } from './device.js';
import type { GpuCall } from './gpu-call.js';
import type { GpuMemory } from './gpu-memory.js';
import type { GpuPlan } from './gpu-plan.js';
import type { GpuBindGroup } from './gpu-types.js';
import type { Pipelines } from './pipelines.js';
import { CONTROL_BYTES, controlWords } from './wgsl/advance-kernel.js';

export interface GpuExecutorParameters {
  readonly program: Program;
  readonly plan: GpuPlan;
  readonly opened: OpenDevice;
  readonly memory: GpuMemory;
  readonly pipelines: Pipelines;
}

/** One program on the device. The state stays there; only results, hashes and what is asked for come back. */
export class GpuExecutor implements Executor {
  readonly #program: Program;
  readonly #plan: GpuPlan;
  readonly #opened: OpenDevice;
  readonly #memory: GpuMemory;
  readonly #pipelines: Pipelines;
  readonly #group: GpuBindGroup;
  /** Which of the two buffers holds the state. */
  #parity: 0 | 1 = 0;
  /** True where tensors that no operator writes may hold a NaN that an identity operator would have made canonical. */
  #foreign = false;
  #disposed = false;

  constructor({ program, plan, opened, memory, pipelines }: GpuExecutorParameters) {
    this.#program = program;
    this.#plan = plan;
    this.#opened = opened;
    this.#memory = memory;
    this.#pipelines = pipelines;
    const arenas = memory.arenas.map((buffer, binding) => ({ binding, resource: { buffer } }));
    const record = { buffer: memory.records, offset: 0, size: plan.records.stride };
    this.#group = opened.device.createBindGroup({
      layout: pipelines.groupLayout,
      entries: [...arenas, { binding: arenas.length, resource: record }],
    });
  }

  async writeState(state: readonly Words[]): Promise<void> {
    this.#requireAlive();
    await this.#opened.checked(() => {
      for (const [tensor, words] of state.entries()) this.#memory.write(this.#stateAddress(tensor), words);
    });
    this.#foreign = true;
  }

  async readState(into?: readonly Words[]): Promise<readonly Words[]> {
    this.#requireAlive();
    const state = into ?? this.#program.state.map((tensor) => new Uint32Array(stateWords(tensor)));
    await this.#memory.read(state.map((words, tensor) => ({ address: this.#stateAddress(tensor), into: words })));
    return state;
  }

  async run(from: number, steps: number): Promise<Words[]> {
    const results: Words[] = [];
    for (let done = 0; done < steps; ) {
      const count = this.#foreign ? 1 : Math.min(this.#plan.stepsAtOnce, steps - done);
      results.push(...(await this.#runBatch(from + done, count)));
      done += count;
    }
    return results;
  }

  async runObserved(step: number, visit: (operator: number, output: Words) => void): Promise<Words> {
    this.#requireAlive();
    const temporaries = temporaryCount(this.#program);
    const resultOperators = Object.values(this.#program.results);
    const results = new Uint32Array(resultOperators.length);
    const kept = new Map<number, Words>();
    this.#memory.write(0, controlWords(step));
    for (const [at, { operator }] of this.#program.operators.entries()) {
      const call = this.#plan.operators[at];
      if (call !== undefined) await this.#submit([call]);
      const address = this.#plan.storage.outputs[at]![this.#parity];
      const output = new Uint32Array(outputWords(operator));
      await this.#memory.read([{ address, into: output }]);
      const kind = this.#plan.storage.stateKinds[at - temporaries];
      if (kind !== undefined && kind !== 'computed' && operator.dtype === 'f32') canonicalise(output);
      const before = output.slice();
      visit(at, output);
      // Other operators still read the state before the step.
      if (kind === 'kept') kept.set(at - temporaries, output);
      else if (output.some((word, element) => word !== before[element])) this.#memory.write(address, output);
      resultOperators.forEach((wanted, place) => {
        if (wanted === at) results[place] = output[0]!;
      });
    }
    this.#flip();
    for (const [tensor, output] of kept) this.#memory.write(this.#stateAddress(tensor), output);
    this.#foreign = true;
    return results;
  }

  async hashState(): Promise<Uint8Array[]> {
    this.#requireAlive();
    const { calls, address } = this.#plan.hashes;
    await this.#opened.checked(() => this.#pipelines.compile(calls.flatMap(({ code }) => code)));
    await this.#submit(calls);
    const words = new Uint32Array(8 * this.#program.state.length);
    await this.#memory.read([{ address, into: words }]);
    const bytes = new Uint8Array(words.buffer);
    return this.#program.state.map((_, tensor) => bytes.slice(32 * tensor, 32 * tensor + 32));
  }

  async dispose(): Promise<void> {
    if (!this.#disposed) this.#memory.dispose();
    this.#disposed = true;
  }

  async #runBatch(from: number, count: number): Promise<Words[]> {
    this.#requireAlive();
    const { operators, advance, canonicalise: canonical } = this.#plan;
    const step = [...operators.filter((call) => call !== undefined), advance];
    this.#memory.write(0, controlWords(from));
    await this.#submit(step, count);
    if (count % 2 === 1) this.#flip();
    if (this.#foreign) await this.#submit(canonical);
    this.#foreign = false;
    const width = Object.keys(this.#program.results).length;
    const ring = new Uint32Array(width * count);
    // Also where there are no results: waiting here keeps the queue short.
    if (width === 0) await this.#opened.checked(() => this.#opened.device.queue.onSubmittedWorkDone());
    await this.#memory.read([{ address: CONTROL_BYTES, into: ring }]);
    return Array.from({ length: count }, (_, at) => ring.slice(width * at, width * (at + 1)));
  }

  /** Queues calls, `turns` times over; the state's buffers change places after each. */
  #submit(calls: readonly GpuCall[], turns = 1): Promise<void> {
    this.#requireAlive();
    return this.#opened.checked(() => {
      const { device } = this.#opened;
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      const { stride } = this.#plan.records;
      for (let turn = 0; turn < turns; turn++) {
        const parity = ((this.#parity + turn) % 2) as 0 | 1;
        for (const { code, dispatch, record } of calls) {
          pass.setPipeline(this.#pipelines.get(code[parity]));
          pass.setBindGroup(0, this.#group, [stride * record[parity]]);
          pass.dispatchWorkgroups(...dispatch);
        }
      }
      pass.end();
      device.queue.submit([encoder.finish()]);
    });
  }

  #flip(): void {
    this.#parity = this.#parity === 0 ? 1 : 0;
  }

  #stateAddress(tensor: number): number {
    return this.#plan.storage.state[tensor]![this.#parity];
  }

  #requireAlive(): void {
    if (this.#disposed) throw fail('backend.disposed', { backend: 'webgpu' });
  }
}

function canonicalise(words: Words): void {
  for (let at = 0; at < words.length; at++) if (isForeignNaN(words[at]!)) words[at] = CANONICAL_NAN;
}
