/** The Vulkan drivers that `scripts/gpu/setup.mjs` brought, and processes that use one. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface Driver {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** None where nothing was set up: tests on drivers are skipped then. */
export const DRIVERS: readonly Driver[] = readDrivers();

function readDrivers(): Driver[] {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    try {
      return JSON.parse(readFileSync(join(folder, '.gpu', 'drivers.json'), 'utf8')) as Driver[];
    } catch {
      if (folder === dirname(folder)) return [];
    }
  }
}

/** Long enough for a loaded machine; a driver that hangs is killed. */
const LIMIT_MILLISECONDS = 240_000;
export const TEST_MILLISECONDS = LIMIT_MILLISECONDS + 10_000;

/**
 * Runs `checks/<name>.js` in a process of its own, because a GPU's implementation lives as long as its process and may
 * take it down. Returns the JSON document that it prints.
 */
export async function runCheck(driver: Driver, name: string, ...args: readonly string[]): Promise<unknown> {
  const script = fileURLToPath(new URL(`../checks/${name}.js`, import.meta.url));
  const { stdout } = await runNode([script, ...args], driver.environment);
  return JSON.parse(stdout);
}

/** The same in a process that may reserve so much memory of its own (`ulimit -v`): a driver meets its end early. */
export async function runCheckWithin(driver: Driver, bytes: number, name: string, ...args: readonly string[]) {
  const script = fileURLToPath(new URL(`../checks/${name}.js`, import.meta.url));
  const limited = `ulimit -v ${Math.floor(bytes / 1024)} && exec "$0" "$@"`;
  const command = ['-c', limited, process.execPath, script, ...args];
  return JSON.parse((await runProgram('/bin/sh', command, driver.environment)).stdout) as unknown;
}

/** Runs the command line of the same build; returns its JSON document. */
export async function runGensyn(driver: Driver, args: readonly string[]): Promise<GensynDocument> {
  const binary = fileURLToPath(new URL('../../../bin/gensyn.js', import.meta.url));
  const { stdout } = await runNode([binary, ...args, '--json'], driver.environment).catch((error) => {
    if (typeof error.stdout === 'string' && error.stdout !== '') return { stdout: error.stdout as string };
    throw error;
  });
  return JSON.parse(stdout) as GensynDocument;
}

export interface GensynDocument {
  readonly ok: boolean;
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string } | null;
}

type Output = Promise<{ stdout: string; stderr: string }>;

/** Runs Node with no other driver in its environment. */
export function runNode(args: readonly string[], environment: Readonly<Record<string, string>>): Output {
  return runProgram(process.execPath, args, environment);
}

function runProgram(program: string, args: readonly string[], environment: Readonly<Record<string, string>>): Output {
  return promisify(execFile)(program, [...args], {
    timeout: LIMIT_MILLISECONDS,
    killSignal: 'SIGKILL',
    maxBuffer: 2 ** 26,
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
  });
}
