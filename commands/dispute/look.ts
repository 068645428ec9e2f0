/** `gensyn dispute list | show`: the options of commands that only read. */
import type { Command } from 'commander';
import type { Action, CommandContext } from '../context.js';
import { examplesText } from '../help-text.js';
import { addMarketOptions, type MarketOptions } from '../settle/options.js';
import { address, chainNumber } from '../settle/parse.js';

export interface ListOptions extends MarketOptions {
  readonly claim?: bigint;
  readonly challenger?: `0x${string}`;
}

export interface ShowOptions extends MarketOptions {
  readonly game: bigint;
  /** Path of the job: without it, only what the contract stores is shown. */
  readonly job?: string;
}

type Load<Options> = () => Promise<Action<Options>>;

/** Adds `list`. */
export function defineList(dispute: Command, context: CommandContext, load: Load<ListOptions>): void {
  const command = dispute
    .command('list')
    .summary('list games')
    .description('Lists the games of the market, of a claim, or of a challenger.')
    .option('--claim <n>', 'only games against this claim', chainNumber)
    .option('--challenger <address>', 'only games that this account opened', address);
  addMarketOptions(command).action((_options: unknown, found: Command) =>
    context.execute(found, async (invocation) => (await load())(found.opts<ListOptions>(), invocation)),
  );
}

/** Adds `show`. */
export function defineShow(dispute: Command, context: CommandContext, load: Load<ShowOptions>): void {
  const command = dispute
    .command('show')
    .summary('show how far a game has narrowed')
    .description(
      'Shows a game: whose turn it is, the clocks, the gas so far, and, with the job, every move with the range it left.',
    )
    .argument('<game>', 'number of the game', chainNumber)
    .option('--job <job>', 'job file or bundle, which names what the numbers stand for');
  addMarketOptions(command)
    .addHelpText('after', examplesText(['gensyn dispute show 3 --job fixtures/jobs/iris.json']))
    .action((game: bigint, _options: unknown, found: Command) =>
      context.execute(found, async (invocation) =>
        (await load())({ ...found.opts<Omit<ShowOptions, 'game'>>(), game }, invocation),
      ),
    );
}
