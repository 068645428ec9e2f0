/** The first bytes of an executor's memory: what its threads agree on. All zero at the start. One cache line each. */
export const CONTROL = {
  /** 64 bits: the number of the current task (high half) and of its next chunk (low half). */
  position: 64,
  /** Chunks of the current task that are finished. */
  finished: 128,
  /** Threads that sleep until the position changes. */
  sleeping: 192,
  /** Not 0: everybody leaves as soon as he can. */
  abort: 256,
  /** The training step whose results stand first in the ring. */
  ringStep: 320,
} as const;

export const CONTROL_BYTES = 384;

/** A record: index in the function table, descriptor addresses for both state buffers. */
export const RECORD = { table: 0, descriptors: 4 } as const;
export const RECORD_BYTES = 12;

/**
 * A task: records from `first` to before `end`, and chunks. All chunks of a task are done before the next task begins.
 * A task of several records has one chunk, in which they run in order.
 */
export const TASK = { first: 0, end: 4, chunks: 8 } as const;
export const TASK_BYTES = 12;

/** Steps whose results fit in the ring; longer runs are cut. */
export const RING_STEPS = 256;
