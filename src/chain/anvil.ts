/** A throw-away chain on the loopback address: anvil, from npm or from the PATH. Nothing of it outlives the process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fail } from '../errors/index.js';

export interface Anvil {
  /** Where it answers: `http://127.0.0.1:<port>`. */
  readonly url: string;
  stop(): Promise<void>;
}

const START_MILLISECONDS = 20_000;
const FLAGS = ['--host', '127.0.0.1', '--port', '0', '--hardfork', 'osaka', '--accounts', '1'];

/**
 * Starts a chain on a free port. It must be stopped.
 *
 * @param program - the binary to start
 * @throws `chain.anvil-missing`, `chain.anvil-failed`
 */
export async function startAnvil(program: string = anvilBinary()): Promise<Anvil> {
  const anvil = spawn(program, FLAGS, { stdio: ['ignore', 'pipe', 'ignore'] });
  const kill = (): void => void anvil.kill('SIGKILL');
  process.once('exit', kill);
  try {
    const url = await listeningUrl(anvil, program);
    return { url, stop: () => stop(anvil, kill) };
  } catch (error) {
    process.off('exit', kill);
    kill();
    throw error;
  }
}

/** It has nothing to save, so that it need not be asked politely. */
async function stop(anvil: ChildProcess, kill: () => void): Promise<void> {
  process.off('exit', kill);
  if (anvil.exitCode !== null || anvil.signalCode !== null) return;
  const ended = once(anvil, 'exit');
  kill();
  await ended;
}

/** The address that anvil prints once it answers. */
function listeningUrl(anvil: ChildProcess, program: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const failed = (reason: string) => reject(fail('chain.anvil-failed', { program, reason }));
    const late = setTimeout(() => failed(`no answer in ${START_MILLISECONDS / 1000} s`), START_MILLISECONDS);
    let printed = '';
    anvil.stdout?.setEncoding('utf8').on('data', (text: string) => {
      // What it prints later is read and dropped: a full pipe would stop it.
      if (printed.length < 65536) printed += text;
      const address = /Listening on (127\.0\.0\.1:[0-9]+)/.exec(printed)?.[1];
      if (address === undefined) return;
      clearTimeout(late);
      resolve(`http://${address}`);
    });
    anvil.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(late);
      if (error.code === 'ENOENT') reject(fail('chain.anvil-missing', { program }, { cause: error }));
      else failed(error.code ?? error.message);
    });
    anvil.once('exit', (status, signal) => {
      clearTimeout(late);
      failed(`it ended with ${signal ?? status}`);
    });
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
