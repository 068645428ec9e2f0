/** Copies between registers that all take place at once, as a sequence of single copies. */

export interface Move {
  readonly to: number;
  readonly from: number;
}

/**
 * Orders simultaneous moves so that none overwrites a register that another still has to read.
 *
 * @param scratch - gives a free register; called at most once for each cycle
 */
export function sequenceMoves(moves: readonly Move[], scratch: () => number): Move[] {
  let pending = moves.filter(({ to, from }) => to !== from);
  const sequence: Move[] = [];
  while (pending.length > 0) {
    const ready = pending.find(({ to }) => !pending.some(({ from }) => from === to));
    if (ready !== undefined) {
      sequence.push(ready);
      pending = pending.filter((move) => move !== ready);
    } else {
      // Only cycles are left: whoever reads the first target reads a copy of it instead.
      const target = pending[0]!.to;
      const copy = scratch();
      sequence.push({ to: copy, from: target });
      pending = pending.map((move) => (move.from === target ? { to: move.to, from: copy } : move));
    }
  }
  return sequence;
}
