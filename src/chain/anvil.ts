/** A throw-away chain on the loopback address: anvil, from npm or from the PATH. Nothing of it outlives the process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { fail } from '../errors/index.js';

export interface Anvil {
  /** Where it answers: `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Settles when it ends, wanted or not; says how. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

export interface AnvilOptions {
  /** A free one unless told. */
  readonly port?: number;
  /** Funded accounts whose keys it holds: 1 unless told. */
  readonly accounts?: number;
  /** Seconds between blocks; without it, there is a block for each transaction. */
  readonly blockTime?: number;
  /** Of a block and of a call; anvil's own unless told. */
  readonly gasLimit?: bigint;
}

const START_MILLISECONDS = 20_000;
const MAX_OUTPUT = 65_536;
/** The watchdog's status where there is no such program. */
const NOT_FOUND = 127;

/**
 * Starts a chain on a free port. It must be stopped; it also ends with this process, however that ends.
 *
 * @param program - the binary to start
 * @throws `chain.anvil-missing`, `chain.anvil-failed`
 */
export async function startAnvil(program: string = anvilBinary(), options: AnvilOptions = {}): Promise<Anvil> {
  const watchdog = join(dirname(fileURLToPath(import.meta.url)), 'watchdog.js');
  // A group of its own: a terminal's Ctrl-C is for us, and we stop it in order.
  const child = spawn(process.execPath, [watchdog, program, ...flags(options)], { stdio: 'pipe', detached: true });
  const kill = (): void => killGroup(child);
  process.once('exit', kill);
  const ended = endOf(child);
  child.once('exit', () => {
    process.off('exit', kill);
    // A watchdog that somebody ended by force has left its child behind.
    kill();
  });
  try {
    return { url: await listeningUrl(child, program, ended), ended, stop: () => stop(child, ended) };
  } catch (error) {
    await stop(child, ended);
    throw error;
  }
}

function flags({ port = 0, accounts = 1, blockTime, gasLimit }: AnvilOptions): string[] {
  const given = ['--host', '127.0.0.1', '--port', String(port), '--hardfork', 'osaka', '--accounts', String(accounts)];
  if (blockTime !== undefined) given.push('--block-time', String(blockTime));
  if (gasLimit !== undefined) given.push('--gas-limit', String(gasLimit));
  return given;
}

/** It has nothing to save, so that it need not be asked politely. */
async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  killGroup(child);
  await ended;
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
  } catch {
    // There is nothing left of it.
  }
}

/** How the program ended, with the last line it wrote to stderr. */
async function endOf(child: ChildProcess): Promise<string> {
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-MAX_OUTPUT);
  });
  child.stdin?.on('error', () => undefined);
  const [status, signal] = await once(child, 'close').catch((error: NodeJS.ErrnoException) => [error.code ?? null]);
  if (status === NOT_FOUND) return complaint.trim();
  const last = complaint.trim().split('\n').at(-1)?.slice(0, 200);
  return last ? `it said "${last}"` : `it ended with ${signal ?? status}`;
}

/** The address that anvil prints once it answers. */
function listeningUrl(child: ChildProcess, program: string, ended: Promise<string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const failed = (reason: string) => reject(fail('chain.anvil-failed', { program, reason }));
    const late = setTimeout(() => failed(`no answer in ${START_MILLISECONDS / 1000} s`), START_MILLISECONDS);
    let printed = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      // What it prints later is read and dropped: a full pipe would stop it.
      if (printed.length < MAX_OUTPUT) printed += text;
      const address = /Listening on (127\.0\.0\.1:[0-9]+)/.exec(printed)?.[1];
      if (address === undefined) return;
      clearTimeout(late);
      resolve(`http://${address}`);
    });
    const finish = (reason: string): void => {
      clearTimeout(late);
      if (child.exitCode === NOT_FOUND && reason === 'ENOENT') reject(fail('chain.anvil-missing', { program }));
      else failed(reason);
    };
    void ended.then(finish);
  });
}

/** The binary of the npm package for this platform, where one is installed, else the one on the PATH. */
function anvilBinary(): string {
  const architecture = process.platform === 'win32' || process.arch === 'x64' ? 'amd64' : process.arch;
  const manifest = `@foundry-rs/anvil-${process.platform}-${architecture}/package.json`;
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const here = createRequire(import.meta.url);
  // Beside us, or below the package that chooses a platform.
  const places = [
    () => here.resolve(manifest),
    () => createRequire(here.resolve('@foundry-rs/anvil/package.json')).resolve(manifest),
  ];
  for (const place of places) {
    try {
      return join(dirname(place()), 'bin', `anvil${suffix}`);
    } catch {
      // Not installed there.
    }
  }
  return 'anvil';
}
