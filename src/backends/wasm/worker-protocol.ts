/** Messages between an executor and its worker threads. All numbers are words; addresses are in bytes. */

/** Prepares a thread for an executor, whatever it did before. */
export interface LoadOrder {
  readonly order: 'load';
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** The thread's private memory. */
  readonly scratch: number;
}

/** A run of tasks, repeated for a number of training steps. The only order with a reply. */
export interface RunOrder {
  readonly order: 'run';
  readonly id: number;
  readonly tasks: number;
  readonly taskCount: number;
  /** The position at which the run begins. */
  readonly base: number;
  readonly steps: number;
  readonly step: number;
  readonly parity: number;
}

/** Lets go of the executor's memory. */
export interface UnloadOrder {
  readonly order: 'unload';
}

export type WorkerOrder = LoadOrder | RunOrder | UnloadOrder;

export interface WorkerReply {
  readonly id: number;
  /** Empty when the whole run is done, by whichever threads. */
  readonly error: string;
}
