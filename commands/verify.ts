/** `gensyn verify`: the options, and nothing of the verification. */
import { type Command, Option } from 'commander';
import { fail } from '../src/errors/index.js';
import type { NodeOptions } from './chain-options.js';
import type { Action, CommandContext } from './context.js';
import { examplesText } from './help-text.js';
import { beacon, type Shard, shard, wholeNumber } from './parse-values.js';
import { chainNumber } from './settle/parse.js';

export interface VerifyOptions extends NodeOptions {
  /** Folder of the run. Needed unless a claim is verified whose run is not published. */
  readonly run?: string;
  /** Path of the job, where it is not the one inside the run. */
  readonly job?: string;
  /** Number of intervals to draw. */
  readonly sample?: number;
  /** Public randomness for the draw: 0x-hex. */
  readonly beacon?: string;
  readonly shard?: Shard;
  /** Refuse a run that can only be compared by distance. */
  readonly exact?: boolean;
  /** Folder of another run of the same job. */
  readonly against?: string;
  /** Paths of `--json` documents of shards. */
  readonly merge?: readonly string[];
  /** Number of a claim on a chain. */
  readonly claim?: bigint;
  /** Path of the file that evidence against the claim is written to. */
  readonly evidence?: string;
  /** Record of deployments, or the folder of records. */
  readonly deployments?: string;
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
        'Exit code 0: verified. 20: diverged. 21: inconclusive. Everything else says that there is no verdict. ' +
        'A run that says that its backend is not canonical is compared by distance (0: close. 20: far), unless --exact.',
    )
    .argument('[run]', 'folder of the run; with --claim, the one that the solver published, if he did')
    .option('--job <job>', 'job that the run must be of, instead of the one inside it')
    .addOption(new Option('--format <name>', 'form of the report').choices(['text', 'json', 'junit', 'github']))
    .optionsGroup('What to check (everything, unless told):')
    .option('--sample <n>', 'as many intervals between checkpoints, drawn at random', wholeNumber(1))
    .option('--beacon <hex>', 'public randomness for the draw, so that others can repeat it', beacon)
    .option('--shard <i/n>', 'part i of n', shard)
    .option('--against <run>', 'only where this run and another one part')
    .option('--exact', 'nothing, where the run says that only distances can be compared')
    .option('--merge <files...>', 'nothing: put the documents of all shards together')
    .optionsGroup('A claim on a chain:')
    .option('--claim <n>', 'verify this claim; needs --job', chainNumber)
    .option('--evidence <file>', 'where evidence against it is written (evidence-<claim>.json)')
    .option('--rpc-url <url>', 'node of the chain (also: ETH_RPC_URL)')
    .option('--deployments <path>', 'record of the deployed contracts, or the folder of <chain id>.json (deployments)')
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
        'gensyn verify --claim 7 --job job  # without the solver’s data',
      ]),
    )
    .action((run: string | undefined, _options: unknown, command: Command) =>
      context.execute(command, async (invocation) => {
        const { json, format, ...options } = command.opts<ParsedOptions>();
        const asked = invocation.globals.json || json === true ? 'json' : (format ?? 'text');
        const parsed: VerifyOptions = { ...options, ...(run === undefined ? {} : { run }), format: asked };
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
  checkClaim(options);
  if (options.beacon !== undefined && options.sample === undefined) {
    throw fail('command.requires', { option: '--beacon', needed: '--sample' });
  }
  if (options.format === 'json' && format !== undefined && format !== 'json') {
    throw fail('command.conflict', { first: '--json', second: `--format ${format}` });
  }
}

/** What only a claim has, what it needs, and what it cannot be combined with. */
function checkClaim(options: VerifyOptions): void {
  if (options.claim === undefined) {
    if (options.run === undefined) {
      throw fail('command.usage', { problem: "Missing argument 'run'; or name a --claim.", command: 'gensyn verify' });
    }
    const needless = (['evidence', 'rpcUrl', 'deployments'] as const).find((name) => options[name] !== undefined);
    if (needless === undefined) return;
    const option = needless === 'rpcUrl' ? '--rpc-url' : `--${needless}`;
    throw fail('command.requires', { option, needed: '--claim' });
  }
  if (options.job === undefined) throw fail('command.requires', { option: '--claim', needed: '--job' });
  const other = (['against', 'merge'] as const).find((name) => options[name] !== undefined);
  if (other !== undefined) throw fail('command.conflict', { first: '--claim', second: `--${other}` });
  if (options.format !== 'text' && options.format !== 'json') {
    throw fail('command.conflict', { first: '--claim', second: `--format ${options.format}` });
  }
}
