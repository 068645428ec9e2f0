/** `npm start`: makes the checkout ready, then plays the demo; arguments go to `gensyn demo`. */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setup } from './setup.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const command = [join('dist', 'bin', 'gensyn.js'), 'demo'];

setup();
const child = spawn(process.execPath, [...command, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
// A terminal interrupts both processes; the demo ends in order, and this one waits for it.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (status, signal) => {
  process.exitCode = status ?? (signal === 'SIGINT' ? 130 : 143);
});
