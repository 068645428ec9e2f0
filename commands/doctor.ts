/** `gensyn doctor`: the options, and nothing of the checks. */
import type { Command } from 'commander';
import type { Action, CommandContext } from './context.js';
import { examplesText } from './help-text.js';

export type DoctorOptions = Readonly<Record<string, never>>;

/** Adds the command. `load` brings its core when it is called, so that help stays quick. */
export function defineDoctor(
  program: Command,
  context: CommandContext,
  load: () => Promise<Action<DoctorOptions>>,
): void {
  program
    .command('doctor')
    .summary('check which backends this machine has')
    .description(
      'Runs the conformance probe on every backend and shows which ones compute the exact bits, and why others do not.',
    )
    .addHelpText('after', examplesText(['gensyn doctor', 'gensyn doctor --json']))
    .action((_options: unknown, command: Command) =>
      context.execute(command, async (invocation) => (await load())({}, invocation)),
    );
}
