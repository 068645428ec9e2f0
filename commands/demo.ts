/** `gensyn demo`: the options, and nothing of the story. */
import type { Command } from 'commander';
import { fail } from '../src/errors/index.js';
import type { Action, CommandContext } from './context.js';
import { examplesText } from './help-text.js';
import { type Fault, fault, wholeNumber } from './parse-values.js';

export interface DemoOptions {
  /** Path of a job file or of a compiled job; the example of the package unless told. */
  readonly job?: string;
  /** Training steps. */
  readonly steps?: number;
  readonly fault?: Fault;
  /** Intervals that the verifier draws. */
  readonly sample?: number;
  readonly full?: boolean;
  /** Folder that keeps what was made. */
  readonly keep?: string;
}

/** Adds the command. `load` brings its core when it is called, so that help stays quick. */
export function defineDemo(program: Command, context: CommandContext, load: () => Promise<Action<DemoOptions>>): void {
  program
    .command('demo')
    .summary('play the whole story on a local chain')
    .description(
      'Plays the whole story on a chain on this machine: a job is posted, trained, claimed and paid; then a solver ' +
        'cheats in one bit, is caught, disputed move by move down to one instruction, and loses his bond. ' +
        'Nothing is left afterwards.',
    )
    .option('--job <job>', 'job file, or folder of a compiled job (the Fashion-MNIST example)')
    .option('--steps <n>', 'training steps (those of the job, at most 256)', wholeNumber(1))
    .option('--fault <where>', 'bit that is flipped: step,operator,element,bit, each from 0', fault)
    .option('--sample <n>', 'intervals that the verifier draws (3)', wholeNumber(1))
    .option('--full', 'the verifier replays everything instead')
    .option('--keep <folder>', 'keep both runs, the compiled job and the evidence in a new or empty folder')
    .addHelpText(
      'after',
      examplesText([
        'gensyn demo',
        'gensyn demo --full --keep runs/demo',
        'gensyn demo --job fixtures/jobs/iris.json --fault 37,2,5,30',
      ]),
    )
    .action((options: DemoOptions, command: Command) =>
      context.execute(command, async (invocation) => {
        if (options.full === true && options.sample !== undefined) {
          throw fail('command.conflict', { first: '--sample', second: '--full' });
        }
        return (await load())(options, invocation);
      }),
    );
}
