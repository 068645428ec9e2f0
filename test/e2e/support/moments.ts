/** Moments in the life of a process at which a test wants to disturb it. */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Started } from './gensyn.js';

/** Waits until something is the case, or the process has ended. */
export async function until(child: Started, holds: () => boolean): Promise<void> {
  let over = false;
  void child.ended.then(() => {
    over = true;
  });
  while (!over && !holds()) await pause(1);
}

/** Waits until a process has written something to stderr, or has ended. */
export async function untilSays(child: Started, words: string): Promise<void> {
  let said = '';
  child.stderr.on('data', (piece) => {
    said += piece;
  });
  await until(child, () => said.includes(words));
}

/** Whole lines of a file; 0 where there is none. */
export function lineCount(path: string): number {
  try {
    return readFileSync(path, 'utf8').split('\n').length - 1;
  } catch {
    return 0;
  }
}
