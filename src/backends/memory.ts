/** Memory is asked for before it is taken: an error before is better than a killed process after. */
import type { WordSource } from '../commitments/word-source.js';
import { fail } from '../errors/index.js';
import type { Program } from '../program/program.js';
import type { Backend } from './backend.js';
import { executedPrograms } from './streamed-executor.js';

const MEBIBYTE = 2 ** 20;

export interface MemoryDemand {
  readonly threads: number;
  /** How many executors of `threads` threads will live at the same time; 1 unless told. */
  readonly executors?: number;
  /** The program's constants, where some may lie in files: those that are read row by row take no memory. */
  readonly constants?: readonly WordSource[];
}

/** Bytes of memory that the executors of a program will allocate. */
export function neededMemory(
  backend: Backend,
  program: Program,
  { threads, executors = 1, constants = [] }: MemoryDemand,
): number {
  return executedPrograms(program, constants).reduce((bytes, executed) => {
    return bytes + executors * backend.estimateMemory(executed, { threads });
  }, 0);
}

/**
 * Refuses a program that would not fit into the memory this process may still take.
 *
 * @param available - bytes; what the system and its limits leave, unless told
 * @throws `run.out-of-memory`
 */
export function requireMemory(
  backend: Backend,
  program: Program,
  demand: MemoryDemand,
  available: number = process.availableMemory(),
): void {
  const needed = neededMemory(backend, program, demand);
  if (needed <= available) return;
  throw fail('run.out-of-memory', {
    needed: Math.ceil(needed / MEBIBYTE),
    available: Math.floor(available / MEBIBYTE),
  });
}
