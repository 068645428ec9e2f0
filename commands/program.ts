/** The command tree: global options, help, and the list of commands. */
import { Command, type Help } from 'commander';
import { ARITHMETIC_VERSION } from '../src/numerics/instructions.js';
import type { CommandContext, DefineCommand } from './context.js';
import { examplesText, exitCodeText } from './help-text.js';
import { packageVersion } from './version.js';

/** Where commander's own output (help and version) is collected. */
export interface ProgramOutput {
  text: string;
}

const DESCRIPTION = 'Machine-learning training that anybody can check, bit by bit, down to one instruction.';
const HELP_WIDTH = 100;
const EXAMPLES = [
  'gensyn train fixtures/jobs/fashion-mlp.json --out runs/fashion',
  'gensyn verify runs/fashion',
  'gensyn inspect runs/fashion',
];

/** Builds the tree. Nothing is parsed and nothing is written. */
export function buildProgram(
  context: CommandContext,
  commands: readonly DefineCommand[],
  output: ProgramOutput,
): Command {
  const collect = (text: string): void => {
    output.text += text;
  };
  const program = new Command('gensyn')
    .description(DESCRIPTION)
    .usage('<command> [options]')
    .version(versionText(), '-V, --version', 'print the versions of gensyn, its arithmetic and Node')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .exitOverride()
    .configureOutput({
      writeOut: collect,
      // Errors are written once, by `main`, in one form.
      writeErr: () => undefined,
      outputError: () => undefined,
      getOutHelpWidth: () => HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .configureHelp({ showGlobalOptions: true, styleTitle: (title) => title, subcommandTerm: commandTerm })
    .showSuggestionAfterError(true);
  addGlobalOptions(program);
  for (const define of commands) define(program, context);
  program.addHelpText('after', `${firstExamples(program)}\n${exitCodeText()}`);
  return program;
}

/** The story in a few lines, as far as this tree has the commands for it. */
function firstExamples(program: Command): string {
  const known = EXAMPLES.filter((example) =>
    program.commands.some((command) => example.split(' ')[1] === command.name()),
  );
  return known.length === 0 ? '' : `${examplesText(known)}\n`;
}

function addGlobalOptions(program: Command): void {
  program
    .option('--json', 'write one JSON document to stdout, also on failure')
    .option('--no-color', 'write without colour (also: NO_COLOR=1)')
    .option('--no-input', 'never ask; a missing value is an error')
    .option('-q, --quiet', 'write the result and errors only')
    .option('-v, --verbose', 'show where an error comes from');
}

function commandTerm(this: Help, command: Command): string {
  const args = command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  );
  return [command.name(), ...args].join(' ');
}

function versionText(): string {
  return `gensyn ${packageVersion()} (arithmetic ${ARITHMETIC_VERSION}, Node ${process.versions.node})`;
}
