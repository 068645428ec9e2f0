/** `gensyn compile`: the options, and nothing of the compiler. */
import type { Command } from 'commander';
import type { Action, CommandContext } from './context.js';
import { examplesText } from './help-text.js';

export interface CompileOptions {
  /** Path of the job file. */
  readonly job: string;
  /** Folder of the compiled job. */
  readonly out: string;
}

/** Adds the command. `load` brings its core when it is called, so that help stays quick. */
export function defineCompile(
  program: Command,
  context: CommandContext,
  load: () => Promise<Action<CompileOptions>>,
): void {
  program
    .command('compile')
    .summary('turn a job file into a bundle that runs anywhere')
    .description(
      'Records one training step of the model and writes a bundle: program, dataset and first state. ' +
        'Whoever trains or verifies a bundle runs none of your code.',
    )
    .argument('<job>', 'job file')
    .requiredOption('-o, --out <bundle>', 'folder of the compiled job')
    .addHelpText('after', examplesText(['gensyn compile fixtures/jobs/fashion-mlp.json --out bundles/fashion']))
    .action((job: string, { out }: { readonly out: string }, command: Command) =>
      context.execute(command, async (invocation) => (await load())({ job, out }, invocation)),
    );
}
