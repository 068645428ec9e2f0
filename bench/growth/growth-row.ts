/** What a training costs as its model and its batch grow: one line of the table, in milliseconds. */
export interface GrowthRow {
  readonly parameters: number;
  readonly batch: number;
  /** A training step with all threads. */
  readonly step: number;
  /** The same with one thread. */
  readonly stepOfOneThread: number;
  /** Verifying a step: every thread replays its own intervals, whose last state is hashed. */
  readonly verify: number;
  /** Hashing the whole state once, with all threads. */
  readonly hash: number;
  /** What the executor allocates, in bytes. */
  readonly memory: number;
  readonly bound: Bound;
}

/** Where most of the threads' time goes, and the share of it. */
export interface Bound {
  readonly by: 'matrix products' | 'optimiser' | 'other operators' | 'waiting';
  readonly share: number;
}

/** Times on one thread by what they are spent on, in the same unit as the times of whole steps. */
export interface StepShares {
  readonly products: number;
  readonly optimiser: number;
  readonly other: number;
}

export interface BoundParameters {
  readonly shares: StepShares;
  readonly step: number;
  readonly stepOfOneThread: number;
  readonly threads: number;
}

/** What bounds a step: of the time of all threads, what one thread does not need is spent waiting for each other. */
export function boundOf({ shares, step, stepOfOneThread, threads }: BoundParameters): Bound {
  const { products, optimiser, other } = shares;
  const working = products + optimiser + other;
  const busy = Math.min(1, stepOfOneThread / (threads * step));
  const bounds: Bound[] = [
    { by: 'matrix products', share: (busy * products) / working },
    { by: 'optimiser', share: (busy * optimiser) / working },
    { by: 'other operators', share: (busy * other) / working },
    { by: 'waiting', share: 1 - busy },
  ];
  return bounds.reduce((most, bound) => (bound.share > most.share ? bound : most));
}
