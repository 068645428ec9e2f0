/** `gensyn dispute open | respond | watch`: the options of those who play. */
import { type Command, Option } from 'commander';
import { fail } from '../../src/errors/index.js';
import { addAccountOptions } from '../chain-options.js';
import type { Action, CommandContext } from '../context.js';
import { examplesText } from '../help-text.js';
import { wholeNumber } from '../parse-values.js';
import {
  addBondOptions,
  addConfirmedOptions,
  addSendOptions,
  type BondOptions,
  type SendOptions,
} from '../settle/options.js';
import { chainNumber } from '../settle/parse.js';

/** What a player replays with. */
export interface ReplayOptions {
  /** Job file or bundle. */
  readonly job?: string;
  /** Folder of the run: a solver's own, or the one that a solver published. */
  readonly run?: string;
  readonly backend?: string;
  readonly threads?: number;
}

export interface OpenOptions extends BondOptions, ReplayOptions {
  readonly claim?: bigint;
  /** Path of the file that `gensyn verify --claim` wrote. */
  readonly evidence?: string;
}

export interface RespondOptions extends SendOptions, ReplayOptions {
  readonly game: bigint;
}

export interface WatchOptions extends Omit<SendOptions, 'dryRun'>, ReplayOptions {
  /** Guard this claim as its solver. */
  readonly claim?: bigint;
  /** Play this game. */
  readonly game?: bigint;
  /** Tell of new claims and games of this posted job. */
  readonly jobId?: bigint;
  /** Tell of all new claims and games. */
  readonly all?: boolean;
  readonly mode: 'observe' | 'defend';
  readonly finalize?: boolean;
  readonly once?: boolean;
  /** Seconds between looks at the chain. */
  readonly poll: number;
}

type Load<Options> = () => Promise<Action<Options>>;

/** Adds `open`. */
export function defineOpen(dispute: Command, context: CommandContext, load: Load<OpenOptions>): void {
  const command = dispute
    .command('open')
    .summary('open a game against a claim, with a bond')
    .description(
      'Opens a game, with evidence that `gensyn verify --claim` has found or after the same search. Evidence is checked again ' +
        'in full: its leaves against the chain, its interval by two replays here. Exit code 21: nothing to dispute, nothing staked.',
    )
    .argument('[run]', "the solver's published run; without it, everything is replayed from the genesis")
    .option('--claim <n>', 'number of the claim', chainNumber)
    .option('--evidence <file>', 'what `gensyn verify --claim` wrote, instead of a search');
  addReplayOptions(command, false);
  command.optionsGroup('Options:');
  addBondOptions(command)
    .addHelpText(
      'after',
      examplesText([
        'gensyn dispute open --evidence evidence-7.json --job job',
        'gensyn dispute open runs/theirs --claim 7 --job job --dry-run',
      ]),
    )
    .action((run: string | undefined, _options: unknown, found: Command) =>
      context.execute(found, async (invocation) => {
        const options: OpenOptions = { ...found.opts<OpenOptions>(), ...(run === undefined ? {} : { run }) };
        requireOne(options, ['claim', 'evidence']);
        requireOption(options, '--claim or --evidence', 'job');
        return (await load())(options, invocation);
      }),
    );
}

/** Adds `respond`. */
export function defineRespond(dispute: Command, context: CommandContext, load: Load<RespondOptions>): void {
  const command = dispute
    .command('respond')
    .summary('make the next move of a game')
    .description(
      'Makes one move in a game for the side whose account is named: its answer, the proof, or the timeout of the other side. ' +
        'Exit code 21: there is nothing to do now. 22: the own clock has run out.',
    )
    .argument('<game>', 'number of the game', chainNumber);
  addReplayOptions(command, true);
  addSendOptions(command).action((game: bigint, _options: unknown, found: Command) =>
    context.execute(found, async (invocation) =>
      (await load())({ ...found.opts<Omit<RespondOptions, 'game'>>(), game }, invocation),
    ),
  );
}

/** Adds `watch`. */
export function defineWatch(dispute: Command, context: CommandContext, load: Load<WatchOptions>): void {
  const command = dispute
    .command('watch')
    .summary('guard a claim or play a game to its end')
    .description(
      'Guards a claim as its solver, plays a game as its challenger, or tells of new claims and games. It keeps nothing: ' +
        'after a lost node, a reorganisation or a restart it reads the chain and goes on. Use an account for nothing else meanwhile.',
    )
    .optionsGroup('What to watch (one of them):')
    .option('--claim <n>', 'guard this claim of yours: play every game against it; needs --run', chainNumber)
    .option('--game <n>', 'play this game that you opened, then collect; needs --job', chainNumber)
    .option('--job-id <n>', 'tell of new claims and games of this posted job', chainNumber)
    .option('--all', 'tell of all new claims and games')
    .optionsGroup('How:')
    .addOption(new Option('--mode <name>', 'observe sends nothing').choices(['observe', 'defend']).default('defend'))
    .option('--finalize', 'finalize the claim once its window has passed')
    .option('--once', 'one look and at most one move in each game, for cron')
    .option('--poll <seconds>', 'between looks at the chain', wholeNumber(1, 3600), 4);
  addReplayOptions(command, true);
  addAccountOptions(addConfirmedOptions(command))
    .addHelpText(
      'after',
      examplesText([
        'gensyn dispute watch --claim 7 --run runs/mine --finalize',
        'gensyn dispute watch --game 3 --job job',
        'gensyn dispute watch --all --once',
      ]),
    )
    .action((_options: unknown, found: Command) =>
      context.execute(found, async (invocation) => {
        const options = found.opts<WatchOptions>();
        requireOne(options, ['claim', 'game', 'jobId', 'all']);
        if (options.claim !== undefined) requireOption(options, '--claim', 'run');
        if (options.game !== undefined) requireOption(options, '--game', 'job');
        return (await load())(options, invocation);
      }),
    );
}

function addReplayOptions(command: Command, withRun: boolean): void {
  command.optionsGroup('Replay:').option('--job <job>', 'job file or bundle');
  if (withRun) command.option('--run <folder>', 'your run as the solver, or the one that the solver published');
  command
    .option('--backend <name>', 'machine that replays; see gensyn doctor')
    .option('--threads <n>', 'threads of the backend', wholeNumber(1, 1024));
}

const FLAGS: Readonly<Record<string, string>> = { jobId: '--job-id' };
const flagOf = (name: string): string => FLAGS[name] ?? `--${name}`;

function requireOne(options: object, names: readonly string[]): void {
  const [first, second] = names.filter((name) => Object.hasOwn(options, name));
  if (first === undefined) {
    const problem = `One of ${names.map(flagOf).join(', ')} is needed.`;
    throw fail('command.usage', { problem, command: 'gensyn dispute' });
  }
  if (second !== undefined) throw fail('command.conflict', { first: flagOf(first), second: flagOf(second) });
}

function requireOption(options: object, option: string, needed: string): void {
  if (!Object.hasOwn(options, needed)) throw fail('command.requires', { option, needed: flagOf(needed) });
}
