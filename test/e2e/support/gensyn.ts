/** The built product as a person or a script meets it: one process for each command line. */
import { dirname, join } from 'node:path';
import process from 'node:process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

export const BINARY = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'bin', 'gensyn.js');

/** What a process left behind. */
export interface Ended {
  /** 0 … 255; −1 where a signal ended the process. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A terminal's and a CI system's marks are taken away, so that a test reads the same everywhere. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !['NODE_OPTIONS', 'CI', 'FORCE_COLOR', 'NO_COLOR', 'GITHUB_STEP_SUMMARY'].includes(name),
  ),
);

/** A process at work. */
export interface Started {
  readonly pid: number | undefined;
  readonly stderr: Readable;
  readonly ended: Promise<Ended>;
  kill(signal: 'SIGKILL' | 'SIGINT' | 'SIGTERM'): void;
}

/** What a test may change about a process. */
export interface Surroundings {
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts `gensyn` and does not wait. */
export function start(args: readonly string[], surroundings: Surroundings = {}): Started {
  const child = execa(process.execPath, [BINARY, ...args], {
    reject: false,
    stdin: 'ignore',
    extendEnv: false,
    env: { ...environment, ...surroundings.environment },
  });
  return {
    pid: child.pid,
    stderr: child.stderr,
    ended: child.then(({ exitCode = -1, stdout, stderr }) => ({ exitCode, stdout, stderr })),
    kill: (signal) => void child.kill(signal),
  };
}

/** Runs `gensyn` to its end. */
export function gensyn(args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  return start(args, surroundings).ended;
}

/** The one document that `--json` prints. */
export interface Document {
  readonly schema: string;
  readonly ok: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where that is not there
  readonly result: any;
  readonly warnings: readonly string[];
  readonly error: { readonly code: string; readonly message: string; readonly hint: string } | null;
  readonly meta: { readonly version: string; readonly durationMs: number };
}

/** Runs a command with `--json`, and reads its document. */
export async function gensynJson(args: readonly string[]): Promise<Document & { exitCode: number }> {
  const { exitCode, stdout, stderr } = await gensyn([...args, '--json']);
  try {
    return { ...(JSON.parse(stdout) as Document), exitCode };
  } catch {
    throw new Error(`exit code ${exitCode}, and no document:\n${stdout}\n${stderr}`);
  }
}

/** Trains, and gives the result; fails unless it worked. */
export async function trained(args: readonly string[]): Promise<Document['result']> {
  const { exitCode, result, error } = await gensynJson(['train', ...args]);
  if (exitCode !== 0) throw new Error(`train ended with ${exitCode}: ${error?.code} ${error?.message}`);
  return result;
}
