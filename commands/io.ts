/** The world as the command line sees it. Tests put another one in its place. */
import process from 'node:process';
import type { Readable, Writable } from 'node:stream';

export type Signal = 'SIGINT' | 'SIGTERM';

export type InputStream = Readable & { readonly isTTY?: boolean };
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export interface Io {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A clock in milliseconds, for durations only. */
  now(): number;
  /** The exit code of the process once nothing is left to do. */
  setExitCode(code: number): void;
  /** Ends the process at once: the second interrupt. */
  exitNow(code: number): void;
  /** Calls back on every signal until the returned function is called. */
  onSignal(listener: (signal: Signal) => void): () => void;
  /** Calls back on errors that no code caught. */
  onCrash(listener: (error: unknown) => void): void;
}

/** The real process. */
export function processIo(): Io {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    now: () => performance.now(),
    setExitCode: (code) => {
      process.exitCode = code;
    },
    exitNow: (code) => process.exit(code),
    onSignal: (listener) => {
      process.on('SIGINT', listener);
      process.on('SIGTERM', listener);
      return () => {
        process.off('SIGINT', listener);
        process.off('SIGTERM', listener);
      };
    },
    onCrash: (listener) => {
      process.on('uncaughtException', listener);
      process.on('unhandledRejection', listener);
    },
  };
}
