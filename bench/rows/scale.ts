import type { Rounds } from '../measure.js';

/** How much is measured. */
export interface Scale {
  readonly quick: boolean;
  /** Threads of the machine. */
  readonly threads: number;
}

/** Rounds of short windows. */
export function windowRounds({ quick }: Scale): Rounds {
  return quick ? { rounds: 3, warmUps: 2 } : { rounds: 9, warmUps: 3 };
}
