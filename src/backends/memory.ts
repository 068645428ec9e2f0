/** Memory is asked for before it is taken: an error before is better than a killed process after. */
import { fail } from '../errors/index.js';
import type { Program } from '../program/program.js';
import type { Backend } from './backend.js';

const MEBIBYTE = 2 ** 20;

/**
 * Refuses a program that would not fit into the memory this process may still take.
 *
 * @param executors - how many executors of `threads` threads will live at the same time
 * @param available - bytes; what the system and its limits leave, unless told
 * @throws `run.out-of-memory`
 */
export function requireMemory(
  backend: Backend,
  program: Program,
  { threads, executors = 1 }: { readonly threads: number; readonly executors?: number },
  available: number = process.availableMemory(),
): void {
  const needed = executors * backend.estimateMemory(program, { threads });
  if (needed <= available) return;
  throw fail('run.out-of-memory', {
    needed: Math.ceil(needed / MEBIBYTE),
    available: Math.floor(available / MEBIBYTE),
  });
}
