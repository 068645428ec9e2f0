/** Runs the core of a command with signals, progress and warnings around it. */
import type { CommandContext, GlobalOptions, Invocation, Outcome } from './context.js';
import { Interruption, signalExitCode } from './interruption.js';
import type { Io, Signal } from './io.js';
import { createProgress } from './progress.js';
import type { KnownError } from './render-error.js';
import type { Terminal } from './terminal.js';

/** What is known of a command line so far; at its end, everything that is written about it. */
export interface Finished {
  command: string;
  json: boolean;
  readonly warnings: string[];
  /** Short help that goes before an error. */
  usage?: string;
  outcome?: Outcome;
  error?: KnownError;
}

/** The context for the commands of one command line. */
export function createExecutor(io: Io, terminal: Terminal, finished: Finished): CommandContext {
  return {
    execute: async (command, work) => {
      const globals = command.optsWithGlobals<GlobalOptions>();
      const progress = await createProgress(io, terminal, globals.quiet === true || finished.json);
      const { signal, received, release } = listen(io, terminal);
      const invocation: Invocation = { io, globals, terminal, progress, signal, warn: warner(terminal, finished) };
      try {
        const outcome = await work(invocation);
        progress.end();
        finished.outcome = interrupted(outcome, received());
      } catch (error) {
        progress.end('failed');
        const cause = received();
        throw cause !== undefined && isAbort(error) ? new Interruption(cause) : error;
      } finally {
        release();
      }
    },
  };
}

/** An outcome that a command reached although it was interrupted keeps its text, but no caller may take it for done. */
function interrupted(outcome: Outcome, signal: Signal | undefined): Outcome {
  if (signal === undefined || outcome.exitCode !== undefined) return outcome;
  return { ...outcome, exitCode: signalExitCode(signal) };
}

function warner(terminal: Terminal, finished: Finished): (message: string) => void {
  return (message) => {
    finished.warnings.push(message);
    if (!finished.json) terminal.message(`${terminal.stderrStyle.yellow('warning:')} ${message}`);
  };
}

function listen(io: Io, terminal: Terminal) {
  const controller = new AbortController();
  let first: Signal | undefined;
  const release = io.onSignal((signal) => {
    if (first !== undefined) {
      io.exitNow(signalExitCode(signal));
      return;
    }
    first = signal;
    terminal.message('Stopping in order; interrupt once more to stop at once.');
    controller.abort(new Interruption(signal));
  });
  return { signal: controller.signal, received: () => first, release };
}

function isAbort(error: unknown): boolean {
  return typeof error === 'object' && error !== null && (error as { name?: unknown }).name === 'AbortError';
}
