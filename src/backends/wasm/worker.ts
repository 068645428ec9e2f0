/** A thread of a WebAssembly executor: instantiates the executor's module on the shared memory and does as told. */
import { parentPort, workerData } from 'node:worker_threads';
import { CONTROL } from './control-block.js';
import type { WorkerData, WorkerReply, WorkerRequest } from './worker-protocol.js';

const { module, memory, scratch } = workerData as WorkerData;
const run = new WebAssembly.Instance(module, { env: { memory } }).exports['run'] as (...args: number[]) => number;

parentPort!.on('message', ({ id, tasks, taskCount, base, steps, step, parity }: WorkerRequest) => {
  let error = '';
  try {
    const aborted = run(scratch, tasks, taskCount, base, steps, step, parity) !== 0;
    if (aborted) error = 'another thread failed';
  } catch (caught) {
    error = caught instanceof Error ? caught.message : String(caught);
    // The others must not wait for a chunk that will never be finished.
    Atomics.store(new Int32Array(memory.buffer), CONTROL.abort / 4, 1);
  }
  parentPort!.postMessage({ id, error } satisfies WorkerReply);
});
