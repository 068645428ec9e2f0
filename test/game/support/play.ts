/** Plays a game between two players to its end, in seconds that nobody waits for. */
import { traceRoot } from '../../../src/commitments/roots.js';
import { applyMove } from '../../../src/game/apply-move.js';
import { type Execution, rulesOf } from '../../../src/game/execution.js';
import type { Game, GameRules, Move, Side } from '../../../src/game/game.js';
import { type Claim, intervalCount, type Opening, openGame } from '../../../src/game/open-game.js';
import { decideOpening } from '../../../src/game/opening.js';
import { type Decision, strategy } from '../../../src/game/strategy.js';

export const CLOCK = 1000;
export const BOND = 5n;

export type Player = (game: Game, now: number) => Promise<Decision>;

export interface Played {
  readonly game: Game;
  readonly moves: Readonly<Record<Side, number>>;
  readonly phases: readonly number[];
}

/** A player who follows the strategy with an execution. */
export function player(side: Side, execution: Execution): Player {
  return (game, now) => strategy({ side, game, execution, now });
}

export const silent: Player = async () => ({ do: 'nothing', why: 'asleep' });

/** Lets both sides move until the game ends; where neither does, the time passes and somebody calls the timeout. */
export async function playOut(begun: Game, players: Readonly<Record<Side, Player>>): Promise<Played> {
  let game = begun;
  const moves = { solver: 0, challenger: 1 };
  const phases: number[] = [];
  for (let now = game.last + 1; game.status === 'live'; ) {
    const [side, decision] = await decide(game, players, now);
    if (decision?.do === 'move') {
      game = accepted(game, decision.move, now);
      moves[side] += 1;
      phases.push(game.context.phase);
      now += 1;
    } else {
      now = Math.max(now, game.last + game.left[game.turn] + 1);
      game = accepted(game, { kind: 'timeout', from: 'other' }, now);
    }
  }
  return { game, moves, phases };
}

async function decide(game: Game, players: Readonly<Record<Side, Player>>, now: number) {
  const other = game.turn === 'solver' ? 'challenger' : 'solver';
  const first = await players[game.turn](game, now);
  if (first.do === 'move') return [game.turn, first] as const;
  return [other, await players[other](game, now)] as const;
}

/** Makes a move that must be allowed. */
export function accepted(game: Game, move: Move, now: number): Game {
  const result = applyMove(game, move, now);
  if ('refused' in result) throw new Error(`${move.kind} was refused: ${JSON.stringify(result.refused)}`);
  return result.game;
}

/** Why a move is refused, or `accepted`. */
export function refusalOf(game: Game, move: Move, now: number): string {
  const result = applyMove(game, move, now);
  return 'refused' in result ? result.refused.code : 'accepted';
}

export interface Claimed {
  readonly rules: GameRules;
  readonly claim: Claim;
  readonly leaves: Awaited<ReturnType<Execution['stateRootsAt']>>;
}

/** What a solver with this execution claims. */
export async function claimOf(execution: Execution, clock = CLOCK): Promise<Claimed> {
  const rules = rulesOf(execution.bundle, clock);
  const states = Array.from({ length: intervalCount(rules) + 1 }, (_, leaf) =>
    Math.min(leaf * rules.checkpointEvery, rules.steps),
  );
  const leaves = await execution.stateRootsAt(states);
  const claim: Claim = {
    traceRoot: traceRoot(leaves),
    finalRoot: leaves.at(-1)!,
    until: 10_000,
    status: 'live',
    minimumBond: BOND,
  };
  return { rules, claim, leaves };
}

/** The game that an opening gives, which must be allowed. */
export function opened({ rules, claim }: Pick<Claimed, 'rules' | 'claim'>, opening: Omit<Opening, 'bond'>): Game {
  const result = openGame(rules, claim, { ...opening, bond: BOND }, 0);
  if ('refused' in result) throw new Error(`open was refused: ${JSON.stringify(result.refused)}`);
  return result.game;
}

/** An honest challenger's game against a claim: a full replay, or the one sampled interval. */
export async function challenge(claimed: Claimed, honest: Execution, interval?: number): Promise<Game> {
  const { rules, claim, leaves } = claimed;
  const range = interval === undefined ? { from: 0 } : { from: interval, to: interval + 1 };
  const decision = await decideOpening({ rules, claim, leaves, ...range, replays: [honest, honest] });
  if (decision.do !== 'open') throw new Error(decision.why);
  return opened(claimed, decision.opening);
}
