/** Messages between an executor and its worker threads. All numbers; addresses are in bytes. */
export interface WorkerData {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** The thread's private memory. */
  readonly scratch: number;
}

/** A run of tasks, repeated for a number of training steps. */
export interface WorkerRequest {
  readonly id: number;
  readonly tasks: number;
  readonly taskCount: number;
  /** The position at which the run begins. */
  readonly base: number;
  readonly steps: number;
  readonly step: number;
  readonly parity: number;
}

export interface WorkerReply {
  readonly id: number;
  /** Empty when the whole run is done, by whichever threads. */
  readonly error: string;
}
