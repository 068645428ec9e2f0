/** The threads of one executor. */
import { Worker } from 'node:worker_threads';
import { fail } from '../../errors/index.js';
import { CONTROL } from './control-block.js';
import type { TaskRange } from './executor-plan.js';
import type { WorkerData, WorkerReply, WorkerRequest } from './worker-protocol.js';

const BACKEND = 'wasm';

export interface RunOrder {
  readonly tasks: TaskRange;
  readonly step: number;
  readonly steps: number;
  /** The buffer that holds the state before the first step. */
  readonly parity: 0 | 1;
}

export interface WorkerPool {
  /** Resolves when all tasks of all steps are done. @throws `backend.worker`, `backend.disposed` */
  run(order: RunOrder): Promise<void>;
  dispose(): Promise<void>;
}

interface Pending {
  readonly id: number;
  readonly settle: (error?: Error) => void;
}

export function startWorkers(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  scratches: readonly number[],
): WorkerPool {
  let failure: Error | undefined;
  let pending: Pending | undefined;
  let id = 0;
  let base = 0;

  const settle = (error?: Error): void => {
    const settled = pending;
    // Nothing waits for the threads: then their references are not ours to drop, they may be on their way out.
    if (settled === undefined) return;
    pending = undefined;
    for (const worker of workers) worker.unref();
    settled.settle(error);
  };
  const die = (reason: string): void => {
    failure ??= fail('backend.worker', { backend: BACKEND, reason });
    abort(memory);
    settle(failure);
  };
  const receive = (reply: WorkerReply): void => {
    // The first thread that comes back speaks for all: it has seen that the run is over. Later ones are late.
    if (pending?.id !== reply.id) return;
    if (reply.error === '') settle();
    else die(reply.error);
  };
  const workers = scratches.map((scratch) => {
    const data: WorkerData = { module, memory, scratch };
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: data, execArgv: [] });
    worker.on('message', receive);
    worker.on('error', (error) => die(error.message));
    worker.on('exit', (code) => die(`it ended with code ${code}`));
    worker.unref();
    return worker;
  });

  const run = ({ tasks, step, steps, parity }: RunOrder): Promise<void> =>
    new Promise((resolve, reject) => {
      if (failure !== undefined) return reject(failure);
      if (pending !== undefined) return reject(new Error('calls of an executor must not overlap'));
      if (tasks.count === 0 || steps === 0) return resolve();
      id++;
      pending = { id, settle: (error) => (error === undefined ? resolve() : reject(error)) };
      const { address, count } = tasks;
      const request: WorkerRequest = { id, tasks: address, taskCount: count, base, steps, step, parity };
      base = (base + count * steps) >>> 0;
      for (const worker of workers) {
        worker.ref();
        worker.postMessage(request);
      }
    });
  const dispose = async (): Promise<void> => {
    failure ??= fail('backend.disposed', { backend: BACKEND });
    abort(memory);
    settle(failure);
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
  return { run, dispose };
}

function abort(memory: WebAssembly.Memory): void {
  Atomics.store(new Int32Array(memory.buffer), CONTROL.abort / 4, 1);
}
