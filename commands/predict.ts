/** `gensyn predict`: the options, and nothing of the model. */
import type { Command } from 'commander';
import type { Action, CommandContext } from './context.js';
import { examplesText } from './help-text.js';
import { type RowRange, rowRange, temperature, wholeNumber } from './parse-values.js';

export interface PredictOptions {
  /** Folder of the run. */
  readonly run: string;
  readonly checkpoint?: number;
  readonly rows?: RowRange;
  readonly text?: string;
  readonly tokens?: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly backend?: string;
  readonly threads?: number;
}

const MAX_TOKENS = 100_000;

/** Adds the command. `load` brings its core when it is called, so that help stays quick. */
export function definePredict(
  program: Command,
  context: CommandContext,
  load: () => Promise<Action<PredictOptions>>,
): void {
  program
    .command('predict')
    .summary('ask the model of a run')
    .description(
      'Loads the state of a run and asks the model: a model of text goes on from a prompt, any other one predicts rows of ' +
        'its test data. The answer has the same bits on every machine.',
    )
    .argument('<run>', 'folder of a run')
    .option('--checkpoint <s>', 'training steps done; the newest stored state unless told', wholeNumber(0))
    .optionsGroup('A model of examples:')
    .option('--rows <i..j>', 'rows of the test data, from 0; the first ten unless told', rowRange)
    .optionsGroup('A model of text:')
    .option('--text <prompt>', 'text to go on from')
    .option('--tokens <n>', 'characters or bytes to add; 200 unless told', wholeNumber(1, MAX_TOKENS))
    .option('--temperature <t>', '0 takes the likeliest, 1 draws as the model says; 0.8 unless told', temperature)
    .option('--seed <n>', 'seed of the draws; 0 unless told', wholeNumber(0))
    .optionsGroup('Machine:')
    .option('--backend <name>', 'machine that runs the model; see gensyn doctor')
    .option('--threads <n>', 'threads of the backend', wholeNumber(1, 1024))
    .addHelpText(
      'after',
      examplesText([
        'gensyn predict runs/fashion --rows 0..4',
        'gensyn predict runs/alice --text "Alice was" --tokens 400 --seed 7',
        'gensyn predict runs/alice --checkpoint 256 --temperature 0',
      ]),
    )
    .action((run: string, options: Omit<PredictOptions, 'run'>, command: Command) =>
      context.execute(command, async (invocation) => (await load())({ ...options, run }, invocation)),
    );
}
