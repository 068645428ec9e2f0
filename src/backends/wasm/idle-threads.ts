/**
 * Threads that wait for the next executor. Starting one takes 30 to 60 ms, and a command prepares several executors one
 * after the other.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { UnloadOrder, WorkerReply } from './worker-protocol.js';

/** Whom a thread works for. */
export interface ThreadOwner {
  readonly receive: (reply: WorkerReply) => void;
  readonly lose: (reason: string) => void;
}

export interface WorkerThread {
  readonly worker: Worker;
  /** Undefined while it is idle. */
  owner: ThreadOwner | undefined;
}

const MOST_IDLE = 2 * availableParallelism();

const idle: WorkerThread[] = [];

/** A thread that has nothing loaded. It does not keep the process alive. */
export function takeThread(owner: ThreadOwner): WorkerThread {
  const thread = idle.pop() ?? startThread();
  thread.owner = owner;
  return thread;
}

/** Takes back a healthy thread that has answered every order and does not keep the process alive. */
export function giveThread(thread: WorkerThread): void {
  thread.owner = undefined;
  if (idle.length >= MOST_IDLE) {
    void thread.worker.terminate();
    return;
  }
  thread.worker.postMessage({ order: 'unload' } satisfies UnloadOrder);
  idle.push(thread);
}

function startThread(): WorkerThread {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { execArgv: [] });
  const thread: WorkerThread = { worker, owner: undefined };
  const lose = (reason: string): void => {
    const at = idle.indexOf(thread);
    if (at >= 0) idle.splice(at, 1);
    thread.owner?.lose(reason);
  };
  worker.on('message', (reply: WorkerReply) => thread.owner?.receive(reply));
  worker.on('error', (error) => lose(error.message));
  worker.on('exit', (code) => lose(`it ended with code ${code}`));
  worker.unref();
  return thread;
}
