/**
 * Games as the chain has them. Contracts keep one hash of a game; the rest comes from its events, the rules and the job,
 * and is believed because it has that hash.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { gameAbi } from '../../contracts/generated/game.js';
import { equalHashes, fromHex, type Hash, toHex } from '../commitments/hash.js';
import { fail, isGensynError } from '../errors/index.js';
import { type Context, PHASES } from '../game/context.js';
import type { Ending, Game, GameRules, GameStatus, Side } from '../game/game.js';
import { firstPosition, nextPosition, type Position, type Said } from '../game/transcript.js';
import type { Bundle } from '../job/bundle.js';
import { type BlockMark, newestBlock, stillStands, timeOf } from './game-blocks.js';
import { type GameLog, logsOfGame, type OpenedFilter, openings } from './game-events.js';
import { type Market, type PostedClaim, type PostedJob, readClaim, readJob } from './market.js';
import { readSurely } from './read-surely.js';
import type { Address } from './signer.js';

type Hex = `0x${string}`;

/** What the contract stores of a game. */
export interface GameSummary {
  readonly id: bigint;
  readonly claim: bigint;
  readonly challenger: Address;
  /** Wei; 0 once it went to the solver. */
  readonly bond: bigint;
  /** `claim-fell` also for games that another one ended. */
  readonly status: Exclude<GameStatus, 'frozen'>;
  /** Whether bond and share were collected after a fall. */
  readonly isCollected: boolean;
  readonly turn: Side | null;
  /** Seconds that each side has left, without the time since the last move. */
  readonly left: Readonly<Record<Side, number>>;
  /** When the last move was made, as Unix time. */
  readonly last: number;
  /** The challenger's counted moves. */
  readonly moves: number;
  readonly h: Hash;
}

/** One thing that happened in a game, and where it led. */
export interface GameEvent {
  readonly move: 'open' | 'reveal' | 'select' | 'resolve' | 'collect';
  /** Null where anybody may have done it. */
  readonly by: Side | null;
  readonly block: bigint;
  readonly txHash: Hex;
  /** The context after it. */
  readonly context: Context;
  /** A choice: the number of the entry. */
  readonly index?: number;
  /** A list: its length. */
  readonly entries?: number;
  /** A verdict. */
  readonly isSolverRight?: boolean;
}

/** A game with all that a player needs. */
export interface ChainGame {
  readonly id: bigint;
  readonly claim: PostedClaim;
  readonly job: PostedJob;
  readonly challenger: Address;
  /** Wei. */
  readonly bond: bigint;
  readonly isCollected: boolean;
  /** The reducer's state. */
  readonly game: Game;
  readonly history: readonly GameEvent[];
  /** The block that all of it was read at. */
  readonly block: BlockMark;
}

const SOLVER = 1;
const OVER = 3;
/** Readings of one game before its inconsistency is believed. */
const ATTEMPTS = 5;
const PAUSE_MILLISECONDS = 300;

/**
 * Reads a game at one block and plays its events again; reads anew where the chain was reorganised meanwhile.
 *
 * @param bundle - of the game's job
 * @throws `dispute.no-such-game`, `dispute.other-job`, `dispute.inconsistent`, `dispute.too-many-events`, and what
 *   {@link readSurely} throws
 */
export async function readGame(market: Market, id: bigint, bundle: Bundle): Promise<ChainGame> {
  return consistently(market, (block) => gameAt(market, id, bundle, block));
}

/** What the contract stores of a game. @throws `dispute.no-such-game` */
export async function readSummary(market: Market, id: bigint, block?: bigint): Promise<GameSummary> {
  const found = await readDispute(market, id, block);
  return summaryOf(id, found, await readClaim(market, found.claim, block));
}

/** The games of the market, of a claim or of a challenger, oldest first. */
export async function listGames(market: Market, filter: OpenedFilter = {}): Promise<GameSummary[]> {
  return consistently(market, async ({ number }) => {
    const games: GameSummary[] = [];
    for (const { args } of await openings(market, filter, number)) {
      const summary = await readSummary(market, args['game'] as bigint, number);
      if (filter.claim === undefined || summary.claim === filter.claim) games.push(summary);
    }
    return games;
  });
}

/** What the reducer needs of a posted job. */
export function rulesOfJob({ terms }: PostedJob): GameRules {
  const { program, genesis, steps, checkpointLog2, clock } = terms;
  return { programHash: program, genesisRoot: genesis, steps, checkpointEvery: 2 ** checkpointLog2, clock };
}

/** Refuses a bundle that is not the posted job. @throws `dispute.other-job` */
export function requireJob(bundle: Bundle, { jobHash }: Pick<PostedJob, 'jobHash'>, claim: bigint): void {
  const have = bundle.hashes.job;
  if (!equalHashes(have, jobHash)) throw fail('dispute.other-job', { claim, have: toHex(have), want: toHex(jobHash) });
}

/** Reads at the newest block until what was read fits together and the block still stands. */
async function consistently<T>(market: Market, read: (block: BlockMark) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const block = await newestBlock(market.connection);
    const found = await read(block).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    const stands = await stillStands(market.connection, block);
    if (stands && 'value' in found) return found.value;
    // Nodes can know a block before its events, and views of a block that has gone say nothing.
    const mayPass = !stands || ('error' in found && isGensynError(found.error, 'dispute.inconsistent'));
    if ('error' in found && (!mayPass || attempt >= ATTEMPTS)) throw found.error;
    await pause(PAUSE_MILLISECONDS, undefined, { signal: market.connection.patience.signal });
  }
}

async function gameAt(market: Market, id: bigint, bundle: Bundle, block: BlockMark): Promise<ChainGame> {
  const stored = await readDispute(market, id, block.number);
  const claim = await readClaim(market, stored.claim, block.number);
  const job = await readJob(market, claim.job, block.number);
  requireJob(bundle, job, claim.id);
  const rules = rulesOfJob(job);
  const summary = summaryOf(id, stored, claim);
  const logs = await logsOfGame(market, id, block.number);
  const { position, history } = checkedReplay(logs, rules, bundle, summary);
  const { challenger, bond, isCollected, left, last, moves } = summary;
  const running: Game = { rules, status: 'live', ending: null, ...position, left, last, moves };
  const game = { ...running, ...(await endOf(market, summary, running, history)) };
  return { id, claim, job, challenger, bond, isCollected, game, history, block };
}

/** The events played again, which must lead to what the contract holds. @throws `dispute.inconsistent` */
function checkedReplay(logs: readonly GameLog[], rules: GameRules, bundle: Bundle, { id, h }: GameSummary) {
  const inconsistent = (have: string, cause?: unknown) =>
    fail('dispute.inconsistent', { id, have, want: toHex(h) }, { cause });
  let replayed: ReturnType<typeof replay>;
  try {
    replayed = replay(logs, rules, bundle);
  } catch (cause) {
    // Numbers that no contract can have let through do not even make a position.
    throw inconsistent('none', cause);
  }
  if (replayed === null) throw inconsistent('none');
  const have = replayed.position.h;
  if (!equalHashes(have, h)) throw inconsistent(toHex(have));
  return replayed;
}

/** The events played again; null where they are not those of one game from its beginning. */
function replay(logs: readonly GameLog[], rules: GameRules, bundle: Bundle) {
  const [opened, ...rest] = logs;
  if (opened?.name !== 'Opened') return null;
  const { i, lo, j, hi } = opened.args as { i: number; lo: Hex; j: number; hi: Hex };
  let position: Position = firstPosition(rules, { i, lo: fromHex(lo), j, hi: fromHex(hi) });
  const history: GameEvent[] = [{ ...placeOf(opened), move: 'open', by: 'challenger', context: position.context }];
  for (const log of rest) {
    const said = saidIn(log);
    if (said !== null) {
      const next = nextPosition(position, said, rules, bundle);
      if ('refused' in next) return null;
      position = next;
    }
    history.push(eventOf(log, position.context));
  }
  return { position, history };
}

function saidIn({ name, args }: GameLog): Said | null {
  if (name === 'Selected') return { kind: 'selected', index: Number(args['index']) };
  if (name !== 'Revealed') return null;
  const { hi, list } = args as { hi: Hex; list: readonly Hex[] };
  return { kind: 'revealed', hi: fromHex(hi), list: list.map((entry) => fromHex(entry)) };
}

function eventOf(log: GameLog, context: Context): GameEvent {
  const { name, args } = log;
  const common = { ...placeOf(log), context };
  if (name === 'Revealed') {
    return { ...common, move: 'reveal', by: 'solver', entries: (args['list'] as readonly Hex[]).length };
  }
  if (name === 'Selected') return { ...common, move: 'select', by: 'challenger', index: Number(args['index']) };
  if (name === 'Resolved') {
    return { ...common, move: 'resolve', by: null, isSolverRight: args['isSolverRight'] === true };
  }
  return { ...common, move: name === 'Opened' ? 'open' : 'collect', by: null };
}

function placeOf({ block, txHash }: GameLog) {
  return { block, txHash };
}

/** How a game ended: by the clock, else by what its last position allows; a frozen one has no end of its own. */
async function endOf(
  { connection }: Market,
  { status }: GameSummary,
  { context, turn, left, last }: Game,
  history: readonly GameEvent[],
): Promise<Pick<Game, 'status' | 'ending'>> {
  const resolved = history.find(({ move }) => move === 'resolve');
  if (resolved === undefined) return { status: status === 'claim-fell' ? 'frozen' : status, ending: null };
  const isTimeout = (await timeOf(connection, resolved.block)) - last > left[turn];
  const ending: Ending = isTimeout ? 'timeout' : context.phase === PHASES.prove ? 'proved' : 'refuted';
  return { status: resolved.isSolverRight === true ? 'challenger-lost' : 'claim-fell', ending };
}

async function readDispute({ connection, address }: Market, id: bigint, block?: bigint) {
  const at = block === undefined ? {} : { blockNumber: block };
  const found = await readSurely(connection, 'getGame', () =>
    connection.client.readContract({ address, abi: gameAbi, functionName: 'getGame', args: [id], ...at }),
  );
  if (found.claim === 0n) throw fail('dispute.no-such-game', { id, contract: address });
  return found;
}

function summaryOf(id: bigint, found: Awaited<ReturnType<typeof readDispute>>, claim: PostedClaim): GameSummary {
  const { challenger, bond, last, moves, turn, leftSolver, leftChallenger, h } = found;
  const isOver = turn === OVER;
  const hasFallen = claim.status === 'fallen';
  // A lost game's bond is gone; a game of a fallen claim is over for its challenger once he has collected.
  const isLost = isOver && (bond === 0n || !hasFallen);
  const status = isLost ? 'challenger-lost' : hasFallen ? 'claim-fell' : 'live';
  return {
    id,
    claim: claim.id,
    challenger,
    bond,
    status,
    isCollected: isOver && !isLost,
    turn: status !== 'live' ? null : turn === SOLVER ? 'solver' : 'challenger',
    left: { solver: leftSolver, challenger: leftChallenger },
    last,
    moves,
    h: fromHex(h),
  };
}
