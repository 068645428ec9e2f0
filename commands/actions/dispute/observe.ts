/** `gensyn dispute watch --all | --job-id`: tells of new claims and games, and of their ends. Sends nothing. */
import { setTimeout as pause } from 'node:timers/promises';
import { type GameSummary, listGames } from '../../../src/chain/games.js';
import { type Market, type PostedClaim, readClaim, readCounts } from '../../../src/chain/market.js';
import { isPassing } from '../../../src/chain/play-turn.js';
import type { Invocation, Outcome } from '../../context.js';
import type { WatchOptions } from '../../dispute/play.js';
import { moment } from '../settle/text.js';

interface Seen {
  /** What was last told, by claim or game. */
  readonly told: Map<string, string>;
  /** Claims that are not over: only they can change. */
  readonly live: Map<bigint, PostedClaim>;
  claims: bigint;
}

/** Looks until it is interrupted, or once. */
export async function observe(market: Market, options: WatchOptions, invocation: Invocation): Promise<Outcome> {
  const { signal, warn } = invocation;
  const seen: Seen = { told: new Map(), live: new Map(), claims: 0n };
  for (;;) {
    signal.throwIfAborted();
    try {
      const found = await look(market, seen, options, invocation);
      if (options.once === true) return found;
    } catch (error) {
      if (options.once === true || !isPassing(error)) throw error;
      warn(`${error.message} Reading the chain again.`);
    }
    await pause(1000 * options.poll, undefined, { signal });
  }
}

async function look(market: Market, seen: Seen, { jobId }: WatchOptions, invocation: Invocation): Promise<Outcome> {
  const { claims } = await readCounts(market);
  // After a reorganisation there may be fewer, and the same numbers may be other claims.
  const known = claims < seen.claims ? 0n : seen.claims;
  const wanted = [...seen.live.keys(), ...numbersAfter(known, claims)];
  const found: PostedClaim[] = [];
  for (const id of new Set(wanted)) {
    const claim = await readClaim(market, id);
    if (jobId === undefined || claim.job === jobId) found.push(claim);
  }
  seen.claims = claims;
  const games: GameSummary[] = [];
  for (const claim of found) {
    if (claim.open > 0 || seen.live.has(claim.id)) games.push(...(await listGames(market, { claim: claim.id })));
    if (claim.status === 'live') seen.live.set(claim.id, claim);
    else seen.live.delete(claim.id);
  }
  tell(seen, found, games, invocation);
  return outcome(found, games);
}

function* numbersAfter(first: bigint, last: bigint): Generator<bigint> {
  for (let id = first + 1n; id <= last; id++) yield id;
}

function tell(
  { told }: Seen,
  claims: readonly PostedClaim[],
  games: readonly GameSummary[],
  { terminal, globals }: Invocation,
): void {
  const lines = [
    ...claims.map((claim) => [`claim ${claim.id}`, claimText(claim)] as const),
    ...games.map((game) => [`game ${game.id}`, gameText(game)] as const),
  ];
  for (const [name, text] of lines) {
    if (told.get(name) === text) continue;
    told.set(name, text);
    if (!globals.json && !globals.quiet) terminal.message(`${name}: ${text}`);
  }
}

function claimText({ job, solver, status, until, open }: PostedClaim): string {
  return `of job ${job}, ${status}, by ${solver}, ${open} open games, disputable until ${moment(until, Math.floor(Date.now() / 1000))}`;
}

function gameText({ claim, challenger, status, turn }: GameSummary): string {
  return `against claim ${claim}, by ${challenger}, ${turn === null ? status : `${turn} to move`}`;
}

function outcome(claims: readonly PostedClaim[], games: readonly GameSummary[]): Outcome {
  const live = claims.filter(({ status }) => status === 'live');
  return {
    result: {
      state: 'looked',
      claims: live.map(({ id, job, solver, until, open }) => ({ id, job, solver, until, open })),
      games: games.map(({ id, claim, challenger, status, turn }) => ({ id, claim, challenger, status, turn })),
    },
    text: `${live.length} live claims, ${games.filter(({ status }) => status === 'live').length} live games`,
  };
}
