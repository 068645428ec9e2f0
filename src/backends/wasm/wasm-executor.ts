import { outputWords } from '../../expr/operator.js';
import { CANONICAL_NAN, isForeignNaN } from '../../numerics/float32.js';
import { type Program, stateWords, temporaryCount } from '../../program/program.js';
import type { Executor, Words } from '../backend.js';
import { CONTROL, RING_STEPS, TASK_BYTES } from './control-block.js';
import type { ExecutorPlan, TaskRange } from './executor-plan.js';
import type { WorkerPool } from './worker-pool.js';

/** One program in WebAssembly memory. The workers compute; this side gives orders and copies tensors in and out. */
export class WasmExecutor implements Executor {
  readonly #program: Program;
  readonly #plan: ExecutorPlan;
  readonly #workers: WorkerPool;
  readonly #words: Uint32Array;
  readonly #resultCount: number;
  readonly #loadObservable: () => void;
  /** True where the threads have the code of all operators, also of those that training steps run together or not at all. */
  #observable: boolean;
  /** Which of the two buffers holds the state. */
  #parity: 0 | 1 = 0;
  /** True where tensors that no operator writes may hold a NaN that an identity operator would have made canonical. */
  #foreign = false;

  /** `loadObservable` gives the workers the code of every single operator. */
  constructor(
    program: Program,
    plan: ExecutorPlan,
    memory: WebAssembly.Memory,
    workers: WorkerPool,
    loadObservable: () => void,
  ) {
    this.#program = program;
    this.#plan = plan;
    this.#workers = workers;
    this.#words = new Uint32Array(memory.buffer);
    this.#resultCount = Object.keys(program.results).length;
    this.#loadObservable = loadObservable;
    const stepKernels = new Set(plan.stepCalls.map(({ kernel }) => kernel.key));
    this.#observable = plan.calls.every(({ kernel }) => stepKernels.has(kernel.key));
  }

  async writeState(state: readonly Words[]): Promise<void> {
    state.forEach((words, tensor) => {
      this.#stateView(tensor).set(words);
    });
    this.#foreign = true;
  }

  async readState(into?: readonly Words[]): Promise<readonly Words[]> {
    if (into === undefined) return this.#program.state.map((_, tensor) => this.#stateView(tensor).slice());
    for (const [tensor, words] of into.entries()) words.set(this.#stateView(tensor));
    return into;
  }

  async run(from: number, steps: number): Promise<Words[]> {
    const results: Words[] = [];
    for (let done = 0; done < steps; ) {
      const count = this.#foreign ? 1 : Math.min(RING_STEPS, steps - done);
      await this.#runTasks(this.#plan.stepTasks, from + done, count);
      for (let at = 0; at < count; at++) results.push(this.#results(at));
      if (count % 2 === 1) this.#flip();
      if (this.#foreign) this.#canonicaliseKept();
      done += count;
    }
    return results;
  }

  async runObserved(step: number, visit: (operator: number, output: Words) => void): Promise<Words> {
    const { calls, callTasks, storage } = this.#plan;
    const temporaries = temporaryCount(this.#program);
    if (!this.#observable) this.#loadObservable();
    this.#observable = true;
    const keptOutputs = new Map<number, Words>();
    let call = 0;
    for (const [at, { operator }] of this.#program.operators.entries()) {
      let output = this.#view(storage.outputs[at]![this.#parity], outputWords(operator));
      const kind = storage.stateKinds[at - temporaries];
      if (calls[call]?.operator === at) {
        await this.#runTasks({ address: callTasks.address + TASK_BYTES * call, count: 1 }, step, 1);
        call++;
      } else if (kind === 'kept') {
        // Other operators still read the state before the step, so the visitor gets a copy.
        output = output.slice();
        keptOutputs.set(at - temporaries, output);
      }
      if (kind !== undefined && kind !== 'computed' && operator.dtype === 'f32') canonicalise(output);
      visit(at, output);
    }
    // The ring does not know what visitors changed.
    const results = Uint32Array.from(Object.values(this.#program.results), (at) => {
      return (keptOutputs.get(at - temporaries) ?? this.#view(storage.outputs[at]![this.#parity], 1))[0]!;
    });
    this.#flip();
    for (const [tensor, output] of keptOutputs) this.#stateView(tensor).set(output);
    this.#foreign = true;
    return results;
  }

  async hashState(): Promise<Uint8Array[]> {
    const { hashes, storage } = this.#plan;
    hashes.write(
      this.#words,
      storage.state.map((pair) => pair[this.#parity]),
    );
    await this.#runTasks(this.#plan.hashTasks, 0, 1);
    return hashes.hashes.map((address) => new Uint8Array(new Uint8Array(this.#words.buffer, address, 32)));
  }

  async writeConstant(index: number, words: Words): Promise<void> {
    this.#view(this.#plan.storage.constants[index]!, words.length).set(words);
  }

  dispose(): Promise<void> {
    return this.#workers.dispose();
  }

  #runTasks(tasks: TaskRange, step: number, steps: number): Promise<void> {
    this.#words[CONTROL.ringStep / 4] = step;
    return this.#workers.run({ tasks, step, steps, parity: this.#parity });
  }

  #flip(): void {
    this.#parity = this.#parity === 0 ? 1 : 0;
  }

  #results(place: number): Words {
    return this.#view(this.#plan.ring + 4 * this.#resultCount * place, this.#resultCount).slice();
  }

  #stateView(tensor: number): Words {
    const address = this.#plan.storage.state[tensor]![this.#parity];
    return this.#view(address, stateWords(this.#program.state[tensor]!));
  }

  #view(address: number, words: number): Words {
    return this.#words.subarray(address / 4, address / 4 + words);
  }

  #canonicaliseKept(): void {
    this.#plan.storage.stateKinds.forEach((kind, tensor) => {
      if (kind === 'kept' && this.#program.state[tensor]!.dtype === 'f32') canonicalise(this.#stateView(tensor));
    });
    this.#foreign = false;
  }
}

function canonicalise(words: Words): void {
  for (let at = 0; at < words.length; at++) if (isForeignNaN(words[at]!)) words[at] = CANONICAL_NAN;
}
