/** `gensyn inspect`: the options, and nothing of the formats. */
import type { Command } from 'commander';
import type { Action, CommandContext } from './context.js';
import { examplesText } from './help-text.js';

export interface InspectOptions {
  readonly path: string;
}

/** Adds the command. `load` brings its core when it is called, so that help stays quick. */
export function defineInspect(
  program: Command,
  context: CommandContext,
  load: () => Promise<Action<InspectOptions>>,
): void {
  program
    .command('inspect')
    .summary('show what a job, run, checkpoint or proof contains')
    .description('Recognises what lies at a path and shows what it contains. Nothing is executed.')
    .argument('<path>', 'job, run, checkpoint or proof')
    .addHelpText('after', examplesText(['gensyn inspect runs/fashion', 'gensyn inspect job.json --json']))
    .action((path: string, _options: unknown, command: Command) =>
      context.execute(command, async (invocation) => (await load())({ path }, invocation)),
    );
}
