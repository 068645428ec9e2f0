/**
 * What a machine that runs programs offers. A backend is *canonical* when its bits equal the reference interpreter's,
 * which it proves with the conformance probe.
 */
import type { Program } from '../program/program.js';

/** The words of tensors. State tensors and constants travel as 32-bit words whatever their type. */
export type Words = Uint32Array;

export interface ExecutorOptions {
  /** Threads that share the work of each operator; ≥ 1. */
  readonly threads: number;
}

/** What a backend that runs on a device of its own finds out about it. */
export interface Examination {
  /** The device, its driver, and how it is used; for people. */
  readonly device: string;
  /** Why its bits cannot be trusted; empty where they can. */
  readonly reason: string;
}

export interface Backend {
  readonly name: string;
  /** False for machines whose bits are nobody's promise; they are never verified bit by bit or staked on. */
  readonly canonical: boolean;
  /** Bytes of memory that `prepare` will allocate, known before anything is allocated. */
  estimateMemory(program: Program, options: ExecutorOptions): number;
  /** Compiles a program and loads its constants. Nobody else may change the constants while the executor lives. */
  prepare(program: Program, constants: readonly Words[], options: ExecutorOptions): Promise<Executor>;
  /** Looks at the device for longer than a start allows; only where there is a device to doubt. */
  examine?(): Promise<Examination>;
}

/** One program, loaded, with one state. Calls must not overlap. */
export interface Executor {
  /** Replaces the whole state (all T tensors, in the program's order). */
  writeState(state: readonly Words[]): Promise<void>;
  /** Copies of the T state tensors, into the arrays of an earlier call where some are given. */
  readState(into?: readonly Words[]): Promise<readonly Words[]>;
  /**
   * Runs training steps `from`, `from + 1`, … and resolves to the results of each step, as words, in the order of
   * `Object.keys(program.results)`.
   */
  run(from: number, steps: number): Promise<Words[]>;
  /**
   * Runs one training step operator by operator, as a dispute sees it: after operator `k` has run, `visit(k, output)`
   * sees its output (valid during the call). The visitor may change the output; later operators then read the change.
   * The state advances like in `run`, and the results of the step are returned.
   */
  runObserved(step: number, visit: (operator: number, output: Words) => void): Promise<Words>;
  /** The BLAKE3 hashes (32 bytes each) of the T state tensors, computed by the executor's own threads where it can. */
  hashState(): Promise<Uint8Array[]>;
  /**
   * Replaces constant `index` between two training steps. Only backends that can take the rows of each step from a file
   * have it; see `prepareExecutor`.
   */
  writeConstant?(index: number, words: Words): Promise<void>;
  dispose(): Promise<void>;
}
