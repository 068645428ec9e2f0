/**
 * The process of one group. It runs in a folder of its own, tells each target's result to its parent, and notes every
 * input in a file before it is tried: so the input that hangs or kills the process is known.
 */
import { openSync, writeSync } from 'node:fs';
import process from 'node:process';
import { targetsOf } from './groups.js';
import { runTarget, type TargetResult } from './run-target.js';
import type { Group } from './target.js';

export interface GroupOrder {
  readonly group: Group;
  readonly target?: string;
  readonly seed: number;
  readonly milliseconds: number;
  readonly input?: number;
  /** The file of notes. */
  readonly notes: string;
}

/** What the parent hears: a result, or that there is no target of that name. */
export type GroupMessage = { readonly result: TargetResult } | { readonly unknown: string };

/** One note: the target and the number of the input, in a line of fixed length. */
export const NOTE_BYTES = 80;
/** What every target gets, however long those before it took to get ready. */
const LEAST_MILLISECONDS = 250;

process.once('message', (order: GroupOrder) => {
  void runGroup(order).then(() => process.disconnect());
});

async function runGroup({ group, target: name, notes, ...order }: GroupOrder): Promise<void> {
  const file = openSync(notes, 'w');
  const targets = await targetsOf(group, name);
  if (targets.length === 0) tell({ unknown: `${group}/${name}` });
  const end = performance.now() + order.milliseconds;
  for (const [at, target] of targets.entries()) {
    // What one target does not need goes to those after it.
    const milliseconds = Math.max(LEAST_MILLISECONDS, (end - performance.now()) / (targets.length - at));
    const onInput = (input: number): void => {
      writeSync(file, `${target.name} ${input}`.padEnd(NOTE_BYTES), 0);
    };
    const { seed, input: only } = order;
    tell({ result: await runTarget({ group, target, seed, milliseconds, only, onInput }) });
  }
}

function tell(message: GroupMessage): void {
  process.send!(message);
}
