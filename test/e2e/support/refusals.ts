/** Jobs that must be refused before anything is written. */
import { existsSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { temporaryFolder } from '../../run/support/temporary-folder.js';
import { runHereJson } from './in-process.js';
import { type JobChange, writeJob } from './jobs.js';

export interface Refusal {
  /** What is wrong, in words. */
  readonly what: string;
  readonly change: JobChange;
  readonly code: string;
  readonly exitCode: 2 | 3 | 6;
  /** What the message or the hint must name. */
  readonly names: readonly string[];
}

/** One test for each refusal. */
export function testRefusals(refusals: readonly Refusal[]): void {
  const folder = temporaryFolder();
  test.each(refusals)('$what', async ({ change, code, exitCode, names }) => {
    const out = folder.path('run');
    const found = await runHereJson(['train', writeJob(folder.path('job.json'), change), '--out', out]);
    expect({ code: found.error?.code, exitCode: found.exitCode }).toEqual({ code, exitCode });
    for (const name of names) expect(`${found.error?.message} ${found.error?.hint}`).toContain(name);
    // Nothing at all was written.
    expect(existsSync(out)).toBe(false);
  });
}

/** Gives a writer of files in a folder of its own, which gives their paths. */
export function fileWriter(): (name: string, content: string | Uint8Array) => string {
  const folder = temporaryFolder();
  return (name, content) => {
    const path = folder.path(name);
    writeFileSync(path, content);
    return path;
  };
}
