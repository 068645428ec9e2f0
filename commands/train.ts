/** `gensyn train`: the options, and nothing of the training. */
import type { Command } from 'commander';
import type { Action, CommandContext } from './context.js';
import { examplesText } from './help-text.js';
import { type Fault, fault, keepPolicy, powerOfTwo, wholeNumber } from './parse-values.js';

export interface TrainOptions {
  /** Path of a job file or of a compiled job. */
  readonly job: string;
  /** Folder of the run. */
  readonly out: string;
  readonly steps?: number;
  readonly backend?: string;
  readonly threads?: number;
  readonly checkpointEvery?: number;
  /** How many of the newest checkpoints stay on disk. */
  readonly keep?: 'all' | number;
  readonly injectFault?: Fault;
}

/** Adds the command. `load` brings its core when it is called, so that help stays quick. */
export function defineTrain(
  program: Command,
  context: CommandContext,
  load: () => Promise<Action<TrainOptions>>,
): void {
  program
    .command('train')
    .summary('train a job and publish its trace')
    .description(
      'Trains a job and writes a run: trace, checkpoints and metrics. ' +
        'A run that was interrupted continues where it stopped, to the same bits.',
    )
    .argument('<job>', 'job file, or folder of a compiled job')
    .requiredOption('-o, --out <run>', 'folder of the run')
    .option('--steps <n>', 'training steps, instead of those of the job file', wholeNumber(1))
    .option('--checkpoint-every <n>', 'training steps between checkpoints: a power of two', powerOfTwo)
    .option('--keep <n>', "checkpoints that stay on disk: 'all', 'last', or how many", keepPolicy)
    .option('--backend <name>', 'machine that runs the program; see gensyn doctor')
    .option('--threads <n>', 'threads of the backend', wholeNumber(1, 1024))
    .optionsGroup('Drills:')
    .option('--inject-fault <where>', 'flip one bit: step,operator,element,bit, each from 0', fault)
    .addHelpText(
      'after',
      examplesText([
        'gensyn train fixtures/jobs/fashion-mlp.json --out runs/fashion',
        'gensyn train job.json --out runs/cheat --inject-fault 412,7,0,30',
      ]),
    )
    .action((job: string, options: Omit<TrainOptions, 'job'>, command: Command) =>
      context.execute(command, async (invocation) => (await load())({ ...options, job }, invocation)),
    );
}
