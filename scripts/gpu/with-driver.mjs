/**
 * `node scripts/gpu/with-driver.mjs lavapipe gensyn train job.json --backend webgpu`: runs a command with one of the
 * software drivers of `.gpu/`, which `node scripts/gpu/setup.mjs` brings. `gensyn` is the one of this checkout.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What `setup.mjs` brought; nothing where it did not run. */
function readDrivers() {
  try {
    return JSON.parse(readFileSync(join(root, '.gpu', 'drivers.json'), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

function refuse(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

const [wanted, program, ...rest] = process.argv.slice(2);
const drivers = readDrivers();
const driver = drivers.find(({ name }) => name === wanted);
if (drivers.length === 0) refuse('gpu: no drivers are set up; run: node scripts/gpu/setup.mjs');
if (driver === undefined || program === undefined) {
  refuse(`usage: node scripts/gpu/with-driver.mjs ${drivers.map(({ name }) => name).join('|')} <command …>`);
}
const [command, args] =
  program === 'gensyn' ? [process.execPath, [join(root, 'dist', 'bin', 'gensyn.js'), ...rest]] : [program, rest];
const { status, error } = spawnSync(command, args, {
  stdio: 'inherit',
  env: { ...process.env, ...driver.environment },
});
if (error !== undefined) refuse(`gpu: ${program} cannot be started: ${error.message}`);
process.exitCode = status ?? 1;
