/** The threads of one executor. */
import type { Worker } from 'node:worker_threads';
import { fail } from '../../errors/index.js';
import { CONTROL } from './control-block.js';
import type { TaskRange } from './executor-plan.js';
import { giveThread, takeThread, type WorkerThread } from './idle-threads.js';
import type { LoadOrder, RunOrder, WorkerReply } from './worker-protocol.js';

const BACKEND = 'wasm';

/** Tasks to do for some training steps. */
export interface TaskRun {
  readonly tasks: TaskRange;
  readonly step: number;
  readonly steps: number;
  /** The buffer that holds the state before the first step. */
  readonly parity: 0 | 1;
}

interface Pending {
  readonly id: number;
  readonly settle: (error?: Error) => void;
}

interface Thread {
  readonly taken: WorkerThread;
  readonly worker: Worker;
  /** Address of its private memory. */
  readonly scratch: number;
  /** Orders to run that it has not yet answered. */
  unanswered: number;
}

export class WorkerPool {
  readonly #memory: WebAssembly.Memory;
  readonly #threads: readonly Thread[];
  #failure: Error | undefined;
  #isDisposed = false;
  /** True after `dispose`, unless a thread had failed: threads go back once they have answered. */
  #givesBack = false;
  #pending: Pending | undefined;
  #id = 0;
  #base = 0;

  /** One thread for each scratch memory. */
  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory, scratches: readonly number[]) {
    this.#memory = memory;
    this.#threads = scratches.map((scratch) => {
      const taken = takeThread({
        receive: (reply) => this.#receive(thread, reply),
        lose: (reason) => this.#die(reason),
      });
      const thread: Thread = { taken, worker: taken.worker, scratch, unanswered: 0 };
      return thread;
    });
    this.load(module);
  }

  /** Gives all threads the code that later runs use. */
  load(module: WebAssembly.Module): void {
    if (this.#isDisposed) return;
    const memory = this.#memory;
    for (const { worker, scratch } of this.#threads) {
      worker.postMessage({ order: 'load', module, memory, scratch } satisfies LoadOrder);
    }
  }

  /** Resolves when all tasks of all steps are done. @throws `backend.worker`, `backend.disposed` */
  run({ tasks, step, steps, parity }: TaskRun): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      if (this.#pending !== undefined) return reject(new Error('calls of an executor must not overlap'));
      if (tasks.count === 0 || steps === 0) return resolve();
      const id = ++this.#id;
      this.#pending = { id, settle: (error) => (error === undefined ? resolve() : reject(error)) };
      const { address, count } = tasks;
      const base = this.#base;
      const order: RunOrder = { order: 'run', id, tasks: address, taskCount: count, base, steps, step, parity };
      this.#base = (base + count * steps) >>> 0;
      for (const thread of this.#threads) {
        thread.worker.ref();
        thread.worker.postMessage(order);
        thread.unanswered++;
      }
    });
  }

  /** Gives the threads back, those that still compute a little later; ends them where one of them has failed. */
  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#givesBack = this.#failure === undefined;
    this.#failure ??= fail('backend.disposed', { backend: BACKEND });
    this.#abort();
    this.#settle(this.#failure);
    if (!this.#givesBack) await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
    else for (const thread of this.#threads) if (thread.unanswered === 0) giveThread(thread.taken);
  }

  #receive(thread: Thread, reply: WorkerReply): void {
    thread.unanswered--;
    if (this.#givesBack && thread.unanswered === 0) giveThread(thread.taken);
    // The first thread that comes back speaks for all: it has seen that the run is over. Later ones are late.
    if (this.#pending?.id !== reply.id) return;
    if (reply.error === '') this.#settle();
    else this.#die(reply.error);
  }

  #die(reason: string): void {
    this.#failure ??= fail('backend.worker', { backend: BACKEND, reason });
    this.#abort();
    this.#settle(this.#failure);
  }

  #settle(error?: Error): void {
    const settled = this.#pending;
    // Nothing waits for the threads: then their references are not ours to drop, they may be on their way out.
    if (settled === undefined) return;
    this.#pending = undefined;
    for (const { worker } of this.#threads) worker.unref();
    settled.settle(error);
  }

  #abort(): void {
    Atomics.store(new Int32Array(this.#memory.buffer), CONTROL.abort / 4, 1);
  }
}
