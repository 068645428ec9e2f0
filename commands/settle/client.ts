/** `gensyn settle deploy | post | cancel`: the options of whoever runs a market, and of a client. */
import type { Command } from 'commander';
import type { Action, CommandContext } from '../context.js';
import { examplesText } from '../help-text.js';
import { wholeNumber } from '../parse-values.js';
import { addSendOptions, addStakeOptions, type SendOptions, type StakeOptions } from './options.js';
import { address, amount, chainNumber, duration } from './parse.js';

export interface DeployOptions extends StakeOptions {
  /** Seconds. */
  readonly minClock: number;
  readonly minWindow: number;
  readonly solverGas: number;
  readonly challengerGas: number;
  readonly burnPercent: number;
  readonly force?: boolean;
}

export interface PostOptions extends StakeOptions {
  /** Job file or bundle. */
  readonly job: string;
  /** Decimal text, in ether or in whole tokens. */
  readonly reward: string;
  readonly token?: `0x${string}`;
  /** Ether, as a decimal text. */
  readonly minBond: string;
  /** Seconds. */
  readonly window: number;
  readonly clock: number;
  readonly trainTime: number;
  /** Seconds from now. */
  readonly openUntil: number;
}

export interface JobNumberOptions extends SendOptions {
  readonly job: bigint;
}

type Load<Options> = () => Promise<Action<Options>>;

/** Adds `deploy`. */
export function defineDeploy(settle: Command, context: CommandContext, load: Load<DeployOptions>): void {
  const command = settle
    .command('deploy')
    .summary('deploy the contracts and record them')
    .description(
      'Deploys the contracts of this release and records them in deployments/<chain id>.json. The limits stand for good, ' +
        'for every job that is ever posted there. An existing record is left alone without --force.',
    )
    .optionsGroup('Limits:')
    .option('--min-clock <time>', 'the shortest clock of a job', duration, 3600)
    .option('--min-window <time>', 'the shortest window of a job', duration, 21_600)
    .option('--solver-gas <n>', 'gas that a game costs a solver at most', wholeNumber(1), 1_600_000)
    .option('--challenger-gas <n>', 'gas that a game costs a challenger at most', wholeNumber(1), 1_500_000)
    .option('--burn-percent <n>', 'share of a slashed bond that is burnt', wholeNumber(0, 100), 50)
    .optionsGroup('Options:')
    .option('--force', 'replace the record');
  addStakeOptions(command)
    .addHelpText('after', examplesText(['gensyn settle deploy --rpc-url https://node.example --keystore key.json']))
    .action((_options: unknown, found: Command) =>
      context.execute(found, async (invocation) => (await load())(found.opts<DeployOptions>(), invocation)),
    );
}

/** Adds `post`. */
export function definePost(settle: Command, context: CommandContext, load: Load<PostOptions>): void {
  const command = settle
    .command('post')
    .summary('offer a reward for a training job')
    .description('Compiles a job, or reads a compiled one, and offers a reward for training it.')
    .argument('<job>', 'job file or bundle')
    .optionsGroup('Terms:')
    .option('--reward <amount>', 'what the solver gets, in ether or in whole tokens', amount, '0')
    .option('--token <address>', 'ERC-20 token of the reward, instead of ether', address)
    .option('--min-bond <ether>', 'the least bond of a solver', amount, '0')
    .option('--window <time>', 'how long a claim may be disputed', duration, 86_400)
    .option('--clock <time>', 'what each side of a dispute has in all', duration, 14_400)
    .option('--train-time <time>', 'from taking the job to claiming a result', duration, 21_600)
    .option('--open-until <time>', 'how long from now the job may be taken', duration, 604_800)
    .optionsGroup('Options:');
  addStakeOptions(command)
    .addHelpText(
      'after',
      examplesText([
        'gensyn settle post fixtures/jobs/iris.json --reward 0.5 --min-bond 5 --window 1d',
        'gensyn settle post job --token 0x5FbDB2315678afecb367f032d93F642f64180aa3 --reward 250 --dry-run',
      ]),
    )
    .action((job: string, _options: unknown, found: Command) =>
      context.execute(found, async (invocation) =>
        (await load())({ ...found.opts<Omit<PostOptions, 'job'>>(), job }, invocation),
      ),
    );
}

/** Adds `cancel` or `expire`, which take the number of a job. */
export function defineJobEnd(
  settle: Command,
  context: CommandContext,
  name: 'cancel' | 'expire',
  load: Load<JobNumberOptions>,
): void {
  const { summary, description } = JOB_ENDS[name];
  const command = settle
    .command(name)
    .summary(summary)
    .description(description)
    .argument('<job>', 'number of the job', chainNumber);
  addSendOptions(command).action((job: bigint, _options: unknown, found: Command) =>
    context.execute(found, async (invocation) =>
      (await load())({ ...found.opts<Omit<JobNumberOptions, 'job'>>(), job }, invocation),
    ),
  );
}

const JOB_ENDS = {
  cancel: {
    summary: 'take back a job that nobody has taken',
    description: 'Closes an open job of yours. The reward can be withdrawn then.',
  },
  expire: {
    summary: 'end what has run out of time',
    description:
      'Opens a job again whose taker has not claimed in time (half of his bond is burnt), or closes an offer that nobody ' +
      'has taken. Anybody may. Exit code 21: too early.',
  },
} as const;
