/** `gensyn verify`: the options, and nothing of the verification. */
import { type Command, Option } from 'commander';
import { fail } from '../src/errors/index.js';
import type { Action, CommandContext } from './context.js';
import { examplesText } from './help-text.js';
import { beacon, type Shard, shard, wholeNumber } from './parse-values.js';

export interface VerifyOptions {
  /** Folder of the run. */
  readonly run: string;
  /** Path of the job, where it is not the one inside the run. */
  readonly job?: string;
  /** Number of intervals to draw. */
  readonly sample?: number;
  /** Public randomness for the draw: 0x-hex. */
  readonly beacon?: string;
  readonly shard?: Shard;
  /** Folder of another run of the same job. */
  readonly against?: string;
  /** Paths of `--json` documents of shards. */
  readonly merge?: readonly string[];
  readonly backend?: string;
  readonly threads?: number;
  readonly format: 'text' | 'json' | 'junit' | 'github';
}

type ParsedOptions = Omit<VerifyOptions, 'run' | 'format'> & {
  readonly format?: VerifyOptions['format'];
  readonly json?: boolean;
};

/** Adds the command. `load` brings its core when it is called, so that help stays quick. */
export function defineVerify(
  program: Command,
  context: CommandContext,
  load: () => Promise<Action<VerifyOptions>>,
): void {
  program
    .command('verify')
    .summary('replay a run and compare its bits')
    .description(
      'Replays a run, or a part of it, and compares the bits. ' +
        'Exit code 0: verified. 20: diverged. 21: inconclusive. Everything else says that there is no verdict.',
    )
    .argument('<run>', 'folder of the run')
    .option('--job <job>', 'job that the run must be of, instead of the one inside it')
    .addOption(new Option('--format <name>', 'form of the report').choices(['text', 'json', 'junit', 'github']))
    .optionsGroup('What to check (everything, unless told):')
    .option('--sample <n>', 'as many intervals between checkpoints, drawn at random', wholeNumber(1))
    .option('--beacon <hex>', 'public randomness for the draw, so that others can repeat it', beacon)
    .option('--shard <i/n>', 'part i of n', shard)
    .option('--against <run>', 'only where this run and another one part')
    .option('--merge <files...>', 'nothing: put the documents of all shards together')
    .optionsGroup('Machine:')
    .option('--backend <name>', 'machine that runs the program; see gensyn doctor')
    .option('--threads <n>', 'threads of the backend', wholeNumber(1, 1024))
    .addHelpText(
      'after',
      examplesText([
        'gensyn verify runs/fashion',
        'gensyn verify runs/fashion --sample 8 --beacon 0x5f3a…  # the same draw for everybody',
        'gensyn verify runs/fashion --shard 1/4 --json > shard-1.json',
        'gensyn verify runs/fashion --merge shard-*.json',
      ]),
    )
    .action((run: string, _options: unknown, command: Command) =>
      context.execute(command, async (invocation) => {
        const { json, format, ...options } = command.opts<ParsedOptions>();
        const asked = invocation.globals.json || json === true ? 'json' : (format ?? 'text');
        const parsed: VerifyOptions = { ...options, run, format: asked };
        checkCombination(parsed, format);
        return (await load())(parsed, invocation);
      }),
    );
}

function checkCombination(options: VerifyOptions, format: VerifyOptions['format'] | undefined): void {
  const modes = (['sample', 'shard', 'against', 'merge'] as const).filter((name) => options[name] !== undefined);
  const [first, second] = modes;
  if (first !== undefined && second !== undefined) {
    throw fail('command.conflict', { first: `--${first}`, second: `--${second}` });
  }
  if (options.beacon !== undefined && options.sample === undefined) {
    throw fail('command.requires', { option: '--beacon', needed: '--sample' });
  }
  if (options.format === 'json' && format !== undefined && format !== 'json') {
    throw fail('command.conflict', { first: '--json', second: `--format ${format}` });
  }
}
