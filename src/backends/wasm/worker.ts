/** A thread for WebAssembly executors: instantiates an executor's module on the shared memory and does as told. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort } from 'node:worker_threads';
import { CONTROL } from './control-block.js';
import type { LoadOrder, RunOrder, WorkerOrder, WorkerReply } from './worker-protocol.js';

type RunCode = (...args: number[]) => number;

interface Loaded {
  readonly run: RunCode;
  readonly memory: WebAssembly.Memory;
  readonly scratch: number;
}

setFlagsFromString('--expose-gc');
/** An idle thread allocates nothing, so it would never notice by itself that it holds a large memory for nobody. */
const collectGarbage = runInNewContext('gc') as () => void;

let loaded: Loaded | undefined;

parentPort!.on('message', (message: WorkerOrder) => {
  if (message.order === 'load') loaded = load(message);
  else if (message.order === 'run') parentPort!.postMessage(execute(loaded!, message));
  else {
    loaded = undefined;
    collectGarbage();
  }
});

function load({ module, memory, scratch }: LoadOrder): Loaded {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { run: exports['run'] as RunCode, memory, scratch };
}

function execute({ run, memory, scratch }: Loaded, order: RunOrder): WorkerReply {
  const { id, tasks, taskCount, base, steps, step, parity } = order;
  try {
    const aborted = run(scratch, tasks, taskCount, base, steps, step, parity) !== 0;
    return { id, error: aborted ? 'another thread failed' : '' };
  } catch (caught) {
    // The others must not wait for a chunk that will never be finished.
    Atomics.store(new Int32Array(memory.buffer), CONTROL.abort / 4, 1);
    return { id, error: caught instanceof Error ? caught.message : String(caught) };
  }
}
