/** `gensyn inspect`: the options, and nothing of the formats. */
import type { Command } from 'commander';
import { fail } from '../src/errors/index.js';
import type { Action, CommandContext } from './context.js';
import { examplesText } from './help-text.js';
import { wholeNumber } from './parse-values.js';

export interface InspectOptions {
  readonly path: string;
  /** Number of an operator. */
  readonly operator?: number;
  /** Training step to replay. */
  readonly step?: number;
  readonly element?: number;
  readonly instruction?: number;
  /** Executes the instruction on a local chain as well. */
  readonly onchain?: boolean;
  readonly backend?: string;
  readonly threads?: number;
}

/** Each of these has a meaning only together with the one after it. */
const NESTED = [
  ['onchain', 'instruction'],
  ['instruction', 'element'],
  ['element', 'step'],
  ['step', 'operator'],
] as const;

/** Adds the command. `load` brings its core when it is called, so that help stays quick. */
export function defineInspect(
  program: Command,
  context: CommandContext,
  load: () => Promise<Action<InspectOptions>>,
): void {
  program
    .command('inspect')
    .summary('show what a job, run, checkpoint or proof contains')
    .description(
      'Recognises what lies at a path and shows what it contains. Of a run or bundle it also shows one operator: its ' +
        'microcode, its elements, and any instruction with the states before and after it. ' +
        'Exit code 20: the contract gets another state than the run claims.',
    )
    .argument('<path>', 'job, run, checkpoint or proof')
    .optionsGroup('One operator of a run or bundle:')
    .option('--operator <k>', 'number of the operator', wholeNumber(0))
    .option('--step <s>', 'training step to replay, from the nearest checkpoint', wholeNumber(0))
    .option('--element <e>', 'element of its output', wholeNumber(0))
    .option('--instruction <t>', 'instruction of the element, counted as they are executed', wholeNumber(0))
    .option('--onchain', 'execute the instruction by the contract too, on a local chain')
    .optionsGroup('Machine:')
    .option('--backend <name>', 'machine that replays; see gensyn doctor')
    .option('--threads <n>', 'threads of the backend', wholeNumber(1, 1024))
    .addHelpText(
      'after',
      examplesText([
        'gensyn inspect runs/fashion',
        'gensyn inspect runs/fashion --operator 12  # its microcode',
        'gensyn inspect runs/fashion --operator 12 --step 3 --element 7 --instruction 40 --onchain',
      ]),
    )
    .action((path: string, _options: unknown, command: Command) =>
      context.execute(command, async (invocation) => {
        const options: InspectOptions = { ...command.opts<Omit<InspectOptions, 'path'>>(), path };
        checkCombination(options);
        return (await load())(options, invocation);
      }),
    );
}

function checkCombination(options: InspectOptions): void {
  for (const [option, needed] of NESTED) {
    if (options[option] === undefined || options[needed] !== undefined) continue;
    throw fail('command.requires', { option: `--${option}`, needed: `--${needed}` });
  }
}
