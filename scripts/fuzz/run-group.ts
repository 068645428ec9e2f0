/** Runs a group in a process of its own, so that an input that hangs or kills it is a finding and not the end. */
import { type ChildProcess, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { GroupMessage, GroupOrder } from './group-process.js';
import { UsageError } from './options.js';
import type { Finding, TargetResult } from './run-target.js';
import { type Scratch, scratchFolder } from './scratch.js';

/** Nothing that a target does with one input, or to get ready, takes as long on any machine. */
const HANG_MILLISECONDS = 120_000;
/** A parser that needs more for a small file has a bound too few. */
const HEAP_MEGABYTES = 2048;
const SHOWN_STDERR = 20_000;

/** Runs a group to its end. @throws where there is no target of the name that is asked for */
export async function runGroup(order: Omit<GroupOrder, 'notes'>): Promise<readonly TargetResult[]> {
  const scratch = await scratchFolder();
  const results: TargetResult[] = [];
  const notes = await scratch.write('notes', '');
  const child = fork(fileURLToPath(new URL('./group-process.js', import.meta.url)), [], {
    cwd: scratch.path,
    // What a killed process leaves behind goes with the folder.
    env: { ...process.env, TMPDIR: scratch.path },
    execArgv: [`--max-old-space-size=${HEAP_MEGABYTES}`],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  try {
    const problem = await conversation(child, { ...order, notes }, results);
    if (problem === null) return results;
    const { target, input } = noteIn((await readFile(notes)).toString());
    const finding: Finding = { group: order.group, target, seed: order.seed, input, ...problem, content: '' };
    return [
      ...results,
      { group: order.group, target, inputs: 1, accepted: 0, refused: 0, milliseconds: 0, findings: [finding] },
    ];
  } finally {
    child.kill('SIGKILL');
    await remove(scratch);
  }
}

type Problem = Pick<Finding, 'problem' | 'detail'>;

/** Gives the order and collects results until the process ends; says what went wrong with it, if anything. */
function conversation(child: ChildProcess, order: GroupOrder, results: TargetResult[]): Promise<Problem | null> {
  let stderr = '';
  child.stderr?.on('data', (piece: Buffer) => {
    stderr = `${stderr}${piece}`.slice(-SHOWN_STDERR);
  });
  return new Promise((resolve, reject) => {
    const watch = watchNotes(order.notes, () => {
      resolve({ problem: `one input did not end within ${HANG_MILLISECONDS / 1000} s`, detail: stderr });
      child.kill('SIGKILL');
    });
    child.on('message', (message: GroupMessage) => {
      if ('result' in message) results.push(message.result);
      else reject(new UsageError(`there is no target ${message.unknown}`));
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearInterval(watch);
      resolve(
        code === 0 ? null : { problem: `the process ended with ${signal ?? `exit code ${code}`}`, detail: stderr },
      );
    });
    child.send(order);
  });
}

/** Calls back where the notes stay the same for too long. */
function watchNotes(path: string, onHang: () => void): NodeJS.Timeout {
  let last = { note: '', since: performance.now() };
  return setInterval(async () => {
    const note = await readFile(path, 'utf8').catch(() => '');
    if (note !== last.note) last = { note, since: performance.now() };
    else if (performance.now() - last.since > HANG_MILLISECONDS) onHang();
  }, 1000);
}

function noteIn(note: string): { target: string; input: number } {
  const [target = '', input] = note.trim().split(' ');
  return target === '' ? { target: 'getting ready', input: 0 } : { target, input: Number(input) };
}

/** What a killed process still writes can make a folder fail to go. */
async function remove(scratch: Scratch): Promise<void> {
  await scratch.remove().catch(() => undefined);
}
