/**
 * Starts a program and ends it when whoever started this process is gone, however that went: its standard input is a pipe
 * that nobody writes to, and the system closes it with the other end. Arguments: the program, and its own arguments.
 */
import { spawn } from 'node:child_process';
import process from 'node:process';

const [program = '', ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
const kill = (): void => void child.kill('SIGKILL');

// Signals are for whoever holds the pipe: he says when it is over.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('exit', kill);
process.stdin.on('end', kill).on('close', kill).on('error', kill).resume();
child.on('error', (error: NodeJS.ErrnoException) => {
  process.stderr.write(`${error.code ?? error.message}\n`);
  process.exit(127);
});
child.on('exit', (status, signal) => process.exit(signal === null ? (status ?? 1) : 1));
