/** What a command is given, and what it gives back. */
import type { Command } from 'commander';
import type { Io } from './io.js';
import type { Progress } from './progress.js';
import type { Terminal } from './terminal.js';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly json: boolean;
  readonly color: boolean;
  readonly input: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** One call of a command. */
export interface Invocation {
  readonly io: Io;
  readonly globals: GlobalOptions;
  readonly terminal: Terminal;
  readonly progress: Progress;
  /** Aborted by the first interrupt; the command finishes what must not be torn and ends. The second ends the process. */
  readonly signal: AbortSignal;
  /** Tells a person something that does not stop the command; `--json` lists it. */
  warn(message: string): void;
}

/** What a command found. */
export interface Outcome {
  /** The `result` of the `--json` document. */
  readonly result: unknown;
  /** The result as text for stdout, without a line feed at its end; empty for none. */
  readonly text: string;
  /** 0 unless told: `OUTCOME_CODES`. */
  readonly exitCode?: number;
  /** The command that usually comes next, for people. */
  readonly next?: string;
}

/** The core of a command: parsed options in, outcome out. */
export type Action<Options> = (options: Options, invocation: Invocation) => Promise<Outcome>;

export interface CommandContext {
  /** Runs the core of a command, with signals, progress, warnings and output around it. */
  execute(command: Command, work: (invocation: Invocation) => Promise<Outcome>): Promise<void>;
}

/** Adds a command to the tree. */
export type DefineCommand = (program: Command, context: CommandContext) => void;
