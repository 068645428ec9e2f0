/**
 * The one place that decides, for each stream, whether there is colour and animation, and the only one that writes.
 *
 * stdout carries the result and nothing else; everything else goes to stderr.
 */
import { Chalk, type ChalkInstance } from 'chalk';
import type { Io, OutputStream } from './io.js';

export type ColourLevel = 0 | 1 | 2 | 3;

export interface Terminal {
  readonly stdoutStyle: ChalkInstance;
  readonly stderrStyle: ChalkInstance;
  /** True where a person can be asked: stdin and stderr are terminals, and nobody said that there is no person. */
  readonly interactive: boolean;
  /** True where a line on stderr may be redrawn. */
  readonly animated: boolean;
  /** Writes to stdout, as it is. */
  result(text: string): void;
  /** Writes a line to stderr. */
  message(line: string): void;
}

export interface TerminalOptions {
  readonly color: boolean;
  readonly input: boolean;
  readonly quiet: boolean;
}

/** `--no-color`, then `NO_COLOR`, then `FORCE_COLOR`, then `TERM=dumb`, then whether the stream is a terminal. */
export function colourLevel(stream: OutputStream, environment: Io['environment'], wanted: boolean): ColourLevel {
  const { NO_COLOR, FORCE_COLOR, TERM = '', COLORTERM = '' } = environment;
  if (!wanted || (NO_COLOR !== undefined && NO_COLOR !== '')) return 0;
  if (FORCE_COLOR !== undefined) return forcedLevel(FORCE_COLOR);
  if (TERM === 'dumb' || stream.isTTY !== true) return 0;
  if (COLORTERM === 'truecolor' || COLORTERM === '24bit') return 3;
  return TERM.includes('256color') ? 2 : 1;
}

/** True in a CI system, which is no person even where it lends a terminal. */
export function isContinuousIntegration({ CI = '' }: Io['environment']): boolean {
  return CI !== '' && CI !== '0' && CI !== 'false';
}

/** Looks at the streams once. */
export function createTerminal(io: Io, options: TerminalOptions): Terminal {
  const { stdin, stdout, stderr, environment } = io;
  const attended = !isContinuousIntegration(environment) && environment['TERM'] !== 'dumb';
  const writeOut = tolerantWriter(stdout);
  const writeError = tolerantWriter(stderr);
  return {
    stdoutStyle: new Chalk({ level: colourLevel(stdout, environment, options.color) }),
    stderrStyle: new Chalk({ level: colourLevel(stderr, environment, options.color) }),
    interactive: attended && options.input && stdin.isTTY === true && stderr.isTTY === true,
    // A terminal that does not know its width (0 columns) cannot be redrawn: there is no telling how many lines a text takes.
    animated: attended && !options.quiet && stderr.isTTY === true && (stderr.columns ?? 0) > 0,
    result: writeOut,
    message: (line) => writeError(`${line}\n`),
  };
}

function forcedLevel(value: string): ColourLevel {
  if (value === '0' || value === 'false') return 0;
  if (value === '2') return 2;
  return value === '3' ? 3 : 1;
}

/** Writes until the reader has gone (`gensyn … | head`); what the command found still decides its exit code. */
function tolerantWriter(stream: OutputStream): (text: string) => void {
  let closed = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    closed = true;
  });
  return (text) => {
    if (!closed) stream.write(text);
  };
}
