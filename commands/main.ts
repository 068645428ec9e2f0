/**
 * The command line: from arguments to an exit code. Nothing in here ends the process; `main` reports the exit code and
 * returns when nothing is left to do.
 */
import { type Command, CommanderError } from 'commander';
import { fail, OUTCOME_CODES } from '../src/errors/index.js';
import type { DefineCommand, GlobalOptions } from './context.js';
import { formatDocument } from './document.js';
import { createExecutor, type Finished } from './execute.js';
import type { Io } from './io.js';
import { buildProgram, type ProgramOutput } from './program.js';
import { errorDocument, errorExitCode, knownError, renderError } from './render-error.js';
import { createTerminal, type Terminal } from './terminal.js';
import { COMMANDS } from './tree.js';
import { packageVersion } from './version.js';

/**
 * Runs one command line.
 *
 * @param argv - the arguments, without Node and the script
 * @param commands - the commands there are; all of them unless a test says otherwise
 */
export async function main(
  argv: readonly string[],
  io: Io,
  commands: readonly DefineCommand[] = COMMANDS,
): Promise<void> {
  const started = io.now();
  const globals = scanGlobals(argv);
  const terminal = createTerminal(io, globals);
  const finished: Finished = { command: 'cli', warnings: [], json: globals.json };
  io.onCrash((error) => {
    finished.error = knownError(error);
    report(finished, terminal, globals, io.now() - started);
    io.exitNow(errorExitCode(finished.error));
  });
  await parse(argv, io, terminal, finished, commands);
  io.setExitCode(report(finished, terminal, globals, io.now() - started));
}

/** The global options as they stand on the line, known before it is parsed: an error in parsing needs them too. */
export function scanGlobals(argv: readonly string[]): GlobalOptions {
  const end = argv.indexOf('--');
  const options = end === -1 ? argv : argv.slice(0, end);
  const has = (...names: string[]): boolean => names.some((name) => options.includes(name));
  const format = options.some(
    (word, index) => word === '--format=json' || (word === '--format' && options[index + 1] === 'json'),
  );
  return {
    json: has('--json') || format,
    color: !has('--no-color'),
    input: !has('--no-input'),
    quiet: has('-q', '--quiet'),
    verbose: has('-v', '--verbose'),
  };
}

async function parse(
  argv: readonly string[],
  io: Io,
  terminal: Terminal,
  finished: Finished,
  commands: readonly DefineCommand[],
): Promise<void> {
  const output: ProgramOutput = { text: '' };
  const program = buildProgram(createExecutor(io, terminal, finished), commands, output);
  finished.command = commandPath(program, argv).join('.') || 'cli';
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (isTextRequest(error))
      finished.outcome = { result: { text: output.text.trimEnd() }, text: output.text.trimEnd() };
    else if (error instanceof CommanderError) finishWithUsageError(error, program, argv, finished);
    else finished.error = knownError(error);
  }
}

/** Writes what there is to write, once, and gives the exit code. */
function report(finished: Finished, terminal: Terminal, globals: GlobalOptions, durationMs: number): number {
  const { command, error, outcome, warnings } = finished;
  if (finished.json) {
    const body = { command, warnings, version: packageVersion(), durationMs };
    const [result, problem] = error === undefined ? [outcome?.result, null] : [null, errorDocument(error)];
    terminal.result(formatDocument({ ...body, result, error: problem }));
    if (error !== undefined && globals.verbose) terminal.message(renderError(error, terminal.stderrStyle, globals));
  } else if (error !== undefined) {
    if (finished.usage !== undefined) terminal.message(finished.usage);
    terminal.message(renderError(error, terminal.stderrStyle, globals));
  } else if (outcome !== undefined) {
    if (outcome.text !== '') terminal.result(`${outcome.text}\n`);
    if (outcome.next !== undefined && !globals.quiet) {
      terminal.message(`${terminal.stderrStyle.dim('next:')} ${outcome.next}`);
    }
  }
  return error === undefined ? (outcome?.exitCode ?? OUTCOME_CODES.done) : errorExitCode(error);
}

/** Help and version are results that commander reports as errors with exit code 0. */
function isTextRequest(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}

function finishWithUsageError(
  error: CommanderError,
  program: Command,
  argv: readonly string[],
  finished: Finished,
): void {
  const path = commandPath(program, argv);
  const command = ['gensyn', ...path].join(' ');
  if (error.code === 'commander.help') {
    const group = path.reduce((parent, name) => parent.commands.find((child) => child.name() === name)!, program);
    finished.usage = shortHelp(group, command);
    finished.error = fail('command.usage', { problem: 'A command is needed.', command });
    return;
  }
  const [first = '', suggestion = ''] = error.message.replace(/^error: /, '').split('\n');
  const problem = `${first.charAt(0).toUpperCase()}${first.slice(1)}${/[.?!…]$/.test(first) ? '' : '.'}`;
  const guess = /^\(Did you mean (.*)\?\)$/.exec(suggestion)?.[1];
  finished.error =
    guess === undefined
      ? fail('command.usage', { problem, command })
      : fail('command.typo', { problem, suggestion: `Did you mean ${guess}?`, command });
}

/** What `gensyn` alone, or a group of commands alone, shows. */
function shortHelp(group: Command, command: string): string {
  const names = group.commands.map((child) => `  ${child.name().padEnd(12)}${child.summary()}`);
  return [`Usage: ${command} <command> [options]`, '', 'Commands:', ...names, ''].join('\n');
}

/** The words of the command that the line names, as far as the tree has them. */
function commandPath(program: Command, argv: readonly string[]): string[] {
  const path: string[] = [];
  let command = program;
  for (const word of argv.filter((text) => !text.startsWith('-'))) {
    const child = command.commands.find((candidate) => candidate.name() === word);
    if (child === undefined) break;
    path.push(word);
    command = child;
  }
  return path;
}
