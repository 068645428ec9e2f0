/** A process for tests: streams in memory, a clock that stands, signals on demand. */
import { Readable, Writable } from 'node:stream';
import type { Io, OutputStream, Signal } from '../../../commands/io.js';

export interface FakeProcess {
  readonly io: Io;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly exitCode: () => number | undefined;
  readonly endedAtOnce: () => number | undefined;
  readonly send: (signal: Signal) => void;
  readonly crash: (error: unknown) => void;
}

export interface FakeOptions {
  readonly terminal?: boolean;
  readonly columns?: number;
  readonly environment?: Record<string, string>;
}

export function fakeProcess({ terminal = false, columns = 80, environment = {} }: FakeOptions = {}): FakeProcess {
  const written = { stdout: '', stderr: '' };
  const listeners = new Set<(signal: Signal) => void>();
  const crashListeners: ((error: unknown) => void)[] = [];
  let exitCode: number | undefined;
  let endedAtOnce: number | undefined;
  const stream = (name: keyof typeof written): OutputStream => {
    const writable = new Writable({
      decodeStrings: false,
      write: (chunk, _encoding, done) => {
        written[name] += chunk;
        done();
      },
    });
    return Object.assign(writable, { isTTY: terminal, columns });
  };
  const io: Io = {
    stdin: Object.assign(Readable.from([]), { isTTY: terminal }),
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    environment,
    now: () => 0,
    setExitCode: (code) => {
      exitCode = code;
    },
    exitNow: (code) => {
      endedAtOnce = code;
    },
    onSignal: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onCrash: (listener) => crashListeners.push(listener),
  };
  return {
    io,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    exitCode: () => exitCode,
    endedAtOnce: () => endedAtOnce,
    send: (signal) => {
      for (const listener of listeners) listener(signal);
    },
    crash: (error) => {
      for (const listener of crashListeners) listener(error);
    },
  };
}
