/** `gensyn settle take | claim | finalize | collect | withdraw`: the options of a solver, and of whoever is owed something. */
import type { Command } from 'commander';
import type { Action, CommandContext } from '../context.js';
import { examplesText } from '../help-text.js';
import { wholeNumber } from '../parse-values.js';
import {
  addBondOptions,
  addSendOptions,
  addStakeOptions,
  type BondOptions,
  type SendOptions,
  type StakeOptions,
} from './options.js';
import { address, chainNumber } from './parse.js';

export interface TakeOptions extends BondOptions {
  readonly id: bigint;
  /** Job file or bundle. */
  readonly job: string;
  readonly acceptTerms?: boolean;
}

export interface ClaimOptions extends StakeOptions {
  /** Folder of the run. */
  readonly run: string;
  readonly jobId?: bigint;
  readonly backend?: string;
  readonly threads?: number;
}

export interface FinalizeOptions extends SendOptions {
  readonly claim: bigint;
}

export interface CollectOptions extends SendOptions {
  readonly game: bigint;
}

export interface WithdrawOptions extends SendOptions {
  readonly token?: `0x${string}`;
  readonly to?: `0x${string}`;
}

type Load<Options> = () => Promise<Action<Options>>;

/** Adds `take`. */
export function defineTake(settle: Command, context: CommandContext, load: Load<TakeOptions>): void {
  const command = settle
    .command('take')
    .summary('take a job with a bond, before training it')
    .description(
      'Takes a job for you alone. First the job is compiled or read whole, and every hash is recomputed and compared with ' +
        'the chain; another one is refused, and so are terms that nobody should accept.',
    )
    .argument('<id>', 'number of the job', chainNumber)
    .requiredOption('--job <path>', 'job file or bundle')
    .option('--accept-terms', 'take it although there are doubts about its terms');
  addBondOptions(command)
    .addHelpText('after', examplesText(['gensyn settle take 1 --job jobs/iris --keystore key.json']))
    .action((id: bigint, _options: unknown, found: Command) =>
      context.execute(found, async (invocation) =>
        (await load())({ ...found.opts<Omit<TakeOptions, 'id'>>(), id }, invocation),
      ),
    );
}

/** Adds `claim`. */
export function defineClaim(settle: Command, context: CommandContext, load: Load<ClaimOptions>): void {
  const command = settle
    .command('claim')
    .summary('claim the result of a run')
    .description(
      'Verifies the whole run once more, and then claims its result. Nothing is sent unless every interval is verified. ' +
        'Exit code 20: the run diverges. 21: inconclusive. Keep the run until the claim is final: without its ' +
        'checkpoints nobody can answer a dispute.',
    )
    .argument('<run>', 'folder of the run')
    .option('--job-id <n>', 'number of the job; else the one that you have taken', chainNumber)
    .optionsGroup('Machine:')
    .option('--backend <name>', 'machine that verifies; see gensyn doctor')
    .option('--threads <n>', 'threads of the backend', wholeNumber(1, 1024))
    .optionsGroup('Options:');
  addStakeOptions(command)
    .addHelpText('after', examplesText(['gensyn settle claim runs/iris --keystore key.json']))
    .action((run: string, _options: unknown, found: Command) =>
      context.execute(found, async (invocation) =>
        (await load())({ ...found.opts<Omit<ClaimOptions, 'run'>>(), run }, invocation),
      ),
    );
}

/** Adds `finalize`. */
export function defineFinalize(settle: Command, context: CommandContext, load: Load<FinalizeOptions>): void {
  const command = settle
    .command('finalize')
    .summary('end a claim that has stood its window')
    .description('Credits bond and reward to the solver. Anybody may. Exit code 21: too early.')
    .argument('<claim>', 'number of the claim', chainNumber);
  addSendOptions(command).action((claim: bigint, _options: unknown, found: Command) =>
    context.execute(found, async (invocation) =>
      (await load())({ ...found.opts<Omit<FinalizeOptions, 'claim'>>(), claim }, invocation),
    ),
  );
}

/** Adds `collect`. */
export function defineCollect(settle: Command, context: CommandContext, load: Load<CollectOptions>): void {
  const command = settle
    .command('collect')
    .summary("credit a challenger's bond and share after a claim fell")
    .description(
      'Credits bond and share to the challenger of a game. Anybody may. Exit code 21: the claim still stands.',
    )
    .argument('<game>', 'number of the game', chainNumber);
  addSendOptions(command).action((game: bigint, _options: unknown, found: Command) =>
    context.execute(found, async (invocation) =>
      (await load())({ ...found.opts<Omit<CollectOptions, 'game'>>(), game }, invocation),
    ),
  );
}

/** Adds `withdraw`. */
export function defineWithdraw(settle: Command, context: CommandContext, load: Load<WithdrawOptions>): void {
  const command = settle
    .command('withdraw')
    .summary('send out what the market owes you')
    .description('Sends all that is credited to your account: bonds in ether, rewards in ether or in a token.')
    .option('--token <address>', 'ERC-20 token, instead of ether', address)
    .option('--to <address>', 'who receives it; your account unless told', address);
  addSendOptions(command).action((_options: unknown, found: Command) =>
    context.execute(found, async (invocation) => (await load())(found.opts<WithdrawOptions>(), invocation)),
  );
}
