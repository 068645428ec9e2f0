/** `gensyn settle status | quote`: the options of commands that only read. */
import { type Command, Option } from 'commander';
import { fail } from '../../src/errors/index.js';
import type { Action, CommandContext } from '../context.js';
import { wholeNumber } from '../parse-values.js';
import { addMarketOptions, type MarketOptions } from './options.js';
import { chainNumber } from './parse.js';

export interface StatusOptions extends MarketOptions {
  /** Number of a job. */
  readonly job?: bigint;
  /** Number of a claim. */
  readonly claim?: bigint;
  /** How many jobs are listed. */
  readonly limit: number;
}

export interface QuoteOptions extends MarketOptions {
  readonly job: bigint;
  readonly role: 'client' | 'solver' | 'challenger';
}

type Load<Options> = () => Promise<Action<Options>>;

/** Adds `status`. */
export function defineStatus(settle: Command, context: CommandContext, load: Load<StatusOptions>): void {
  const command = settle
    .command('status')
    .summary('show jobs and claims, and what can be done next')
    .description(
      'Lists the newest jobs with their claims, or shows one: its terms, its deadlines, who can do what next.',
    )
    .argument('[job]', 'number of a job', chainNumber)
    .option('--claim <n>', 'the job of this claim', chainNumber)
    .option('--limit <n>', 'how many jobs are listed', wholeNumber(1, 1000), 20);
  addMarketOptions(command).action((job: bigint | undefined, _options: unknown, found: Command) =>
    context.execute(found, async (invocation) => {
      const options = found.opts<Omit<StatusOptions, 'job'>>();
      if (job !== undefined && options.claim !== undefined) {
        throw fail('command.conflict', { first: '--claim', second: 'the number of a job' });
      }
      return (await load())(job === undefined ? options : { ...options, job }, invocation);
    }),
  );
}

/** Adds `quote`. */
export function defineQuote(settle: Command, context: CommandContext, load: Load<QuoteOptions>): void {
  const command = settle
    .command('quote')
    .summary('show what a role in a job puts at stake')
    .description('Shows bond, largest loss, longest delay and gas of a role in a job, at the present base fee.')
    .argument('<job>', 'number of the job', chainNumber)
    .addOption(
      new Option('--role <name>', 'whose stake').choices(['client', 'solver', 'challenger']).default('solver'),
    );
  addMarketOptions(command).action((job: bigint, _options: unknown, found: Command) =>
    context.execute(found, async (invocation) =>
      (await load())({ ...found.opts<Omit<QuoteOptions, 'job'>>(), job }, invocation),
    ),
  );
}
