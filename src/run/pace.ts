/** How many training steps to ask for at once, so that progress shows and an interrupt is answered within a blink. */
export interface Pace {
  /** Steps to run next; ≥ 1. */
  readonly next: () => number;
  /** Tells how long the last steps took. */
  readonly took: (steps: number, milliseconds: number) => void;
  /** Steps per second over the last few seconds; 0 before the first. */
  readonly stepsPerSecond: () => number;
}

const TARGET_MILLISECONDS = 150;
const WINDOW_MILLISECONDS = 5000;

/** Starts with one step and follows the measured speed. It decides no bit: batches of steps only group messages. */
export function createPace(): Pace {
  let window: { steps: number; milliseconds: number }[] = [];
  const total = () =>
    window.reduce(
      (sum, { steps, milliseconds }) => ({ steps: sum.steps + steps, milliseconds: sum.milliseconds + milliseconds }),
      { steps: 0, milliseconds: 0 },
    );
  const rate = (): number => {
    const { steps, milliseconds } = total();
    return milliseconds > 0 ? (1000 * steps) / milliseconds : 0;
  };
  return {
    next: () => Math.max(1, Math.floor((rate() * TARGET_MILLISECONDS) / 1000)),
    took: (steps, milliseconds) => {
      window.push({ steps, milliseconds: Math.max(milliseconds, 1e-3) });
      while (window.length > 1 && total().milliseconds > WINDOW_MILLISECONDS) window = window.slice(1);
    },
    stepsPerSecond: rate,
  };
}
