/** The command line in this process: whatever is typed ends in a result or in an error that says what to do. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DefineCommand } from '../../commands/context.js';
import { main, scanGlobals } from '../../commands/main.js';
import { COMMANDS } from '../../commands/tree.js';
import { packageFolder } from '../../commands/version.js';
import { EXIT_CODES, OUTCOME_CODES } from '../../src/errors/index.js';
import { writeBundle } from '../../src/job/bundle-folder.js';
import { checkpointPath } from '../../src/run/checkpoint.js';
import { type FakeProcess, fakeProcess } from '../../test/house/support/fake-io.js';
import { verbs } from '../../test/house/support/verbs.js';
import { commandLines } from './command-lines.js';
import { scratchFolder } from './scratch.js';
import { defineTarget, type Fuzzer, type Outcome, type Target } from './target.js';
import { toyBundle, trainToy } from './toy-run.js';

/** A command that waits for something is interrupted, as a person would do. */
const INTERRUPT_MILLISECONDS = 5000;

/** Commands that work on files alone, or that find no chain at the address that they are given. */
const REAL_COMMANDS = ['compile', 'train', 'verify', 'inspect', 'predict', 'settle', 'dispute', 'completion', 'init'];

export const TARGETS: readonly Target[] = [
  defineTarget({
    name: 'arguments',
    bounds: { milliseconds: 2000 },
    open: async () => typing(verbs(), await places()),
  }),
  defineTarget({ name: 'commands', open: async () => typing(COMMANDS, await places(), REAL_COMMANDS) }),
];

interface Places {
  readonly paths: readonly string[];
  readonly remove: () => Promise<void>;
}

/** Files of every kind that a command may be pointed at, right and wrong. */
async function places(): Promise<Places> {
  const scratch = await scratchFolder();
  const at = (name: string): string => join(scratch.path, name);
  const bundle = toyBundle();
  const run = await trainToy(bundle, scratch.path);
  await writeBundle(bundle, at('bundle'));
  await writeFile(at('garbage.json'), '{"schema":"gensyn.job/1","model":[');
  await writeFile(
    at('binary'),
    Uint8Array.from({ length: 200 }, (_, byte) => byte),
  );
  await writeFile(at('empty'), '');
  const files = [
    'bundle',
    'bundle/manifest.json',
    'garbage.json',
    'binary',
    'empty',
    'missing',
    'new-a',
    'new-b/c',
    '.',
  ];
  const fixtures = ['jobs/iris.json', 'data/iris.csv', 'models/iris.json'].map((name) =>
    join(packageFolder(), 'fixtures', name),
  );
  const parts = [join(run, 'run.json'), join(run, 'trace.jsonl'), checkpointPath(run, 2)];
  const common = ['reference', '1', '2', '0', 'http://127.0.0.1:1'];
  return { paths: [run, run, ...parts, ...files.map(at), ...fixtures, ...common], remove: scratch.remove };
}

function typing(
  commands: readonly DefineCommand[],
  { paths, remove }: Places,
  only?: readonly string[],
): Fuzzer<readonly string[]> {
  return {
    make: commandLines(paths, only),
    check: (line) => type(line, commands),
    show: (line) => JSON.stringify(line),
    close: remove,
  };
}

async function type(line: readonly string[], commands: readonly DefineCommand[]): Promise<Outcome> {
  const world = fakeProcess();
  let interrupted = false;
  const interrupt = setTimeout(() => {
    interrupted = true;
    world.send('SIGINT');
  }, INTERRUPT_MILLISECONDS);
  try {
    await main(line, world.io, commands);
  } finally {
    clearTimeout(interrupt);
  }
  requireEnd(world, interrupted);
  requireOutput(world, line);
  return world.exitCode() === OUTCOME_CODES.done ? 'accepted' : 'refused';
}

const FAILURES: readonly number[] = Object.values(EXIT_CODES).filter((code) => code !== EXIT_CODES.internal);
const OUTCOMES: readonly number[] = [OUTCOME_CODES.done, OUTCOME_CODES.negativeVerdict, OUTCOME_CODES.inconclusive];

function requireEnd(world: FakeProcess, interrupted: boolean): void {
  const code = world.endedAtOnce() ?? world.exitCode() ?? -1;
  if (FAILURES.includes(code) || OUTCOMES.includes(code) || (interrupted && code === OUTCOME_CODES.interrupted)) return;
  throw new Error(`exit code ${code}\n${world.stderr()}${world.stdout()}`);
}

/** A stack is for whoever asks; with `--json` there is one document, whatever happened. */
function requireOutput(world: FakeProcess, line: readonly string[]): void {
  const { json, verbose } = scanGlobals(line);
  if (!verbose && /^\s+at .+:\d+:\d+\)?$/m.test(world.stderr()))
    throw new Error(`a stack on stderr\n${world.stderr()}`);
  if (!json) return;
  const documents = world.stdout().trimEnd().split('\n');
  const { schema, ok } = JSON.parse(documents.at(-1) ?? '') as { schema?: unknown; ok?: unknown };
  const isFailure = FAILURES.includes(world.exitCode() ?? -1);
  if (typeof schema !== 'string' || ok !== !isFailure)
    throw new Error(`the document does not fit the exit code\n${world.stdout()}`);
}
