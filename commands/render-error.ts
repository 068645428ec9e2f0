/** What an error looks like: to a person, in a document, and as an exit code. */
import type { ChalkInstance } from 'chalk';
import { fail, type GensynError, isGensynError } from '../src/errors/index.js';
import type { DocumentError } from './document.js';
import { type Interruption, isInterruption, signalExitCode } from './interruption.js';
import { packageVersion } from './version.js';

/** An error that a command may end with. */
export type KnownError = GensynError | Interruption;

/** Anything that was thrown, as a known error: what nobody foresaw is a mistake inside gensyn. */
export function knownError(error: unknown): KnownError {
  if (isGensynError(error) || isInterruption(error)) return error;
  const problem = withoutPaths(error instanceof Error ? error.message : String(error));
  return fail('command.internal', { version: packageVersion(), problem }, { cause: error });
}

export function errorExitCode(error: KnownError): number {
  return isInterruption(error) ? signalExitCode(error.signal) : error.exitCode;
}

/** The error as `--json` shows it. */
export function errorDocument(error: KnownError): DocumentError {
  if (isInterruption(error)) {
    return { code: 'command.interrupted', message: error.message, hint: 'Run the same command again to continue.' };
  }
  return Object.keys(error.data).length === 0 ? error.toJSON() : { ...error.toJSON(), data: error.data };
}

/** The error as lines of text. Stacks are for whoever asks, and for mistakes of our own. */
export function renderError(error: KnownError, style: ChalkInstance, options: { readonly verbose: boolean }): string {
  if (isInterruption(error)) return style.yellow(error.message);
  const lines = [`${style.red.bold(`error[${error.code}]:`)} ${error.message}`];
  if (options.verbose || error.kind === 'internal') lines.push(style.dim(stackOf(error)));
  lines.push(`${style.cyan('hint:')} ${error.hint}`);
  return lines.join('\n');
}

const ADDRESS_PATH = /(\bhttps?:\/\/[^\s/"'?#]+)[/?#][^\s"')]*/g;

/** People's addresses of nodes hold their keys in the path, libraries repeat them, and reports of errors are shown around. */
function withoutPaths(text: string): string {
  return text.replace(ADDRESS_PATH, '$1/…');
}

/** The stacks of the error and of its causes, the innermost last. */
function stackOf(error: Error): string {
  const stacks: string[] = [];
  for (let current: unknown = error; current instanceof Error && stacks.length < 8; current = current.cause) {
    stacks.push(current.stack ?? String(current));
  }
  return withoutPaths(stacks.join('\ncaused by: '));
}
