/** A job on the market, claims about it and games against them, each played move by move on the chain. */
import { callOf, openArguments } from '../../../src/chain/game-calls.js';
import { type Hex, toHex } from '../../../src/commitments/hash.js';
import { applyMove } from '../../../src/game/apply-move.js';
import type { Game, GameRules, Move, Sender, Side } from '../../../src/game/game.js';
import { type Claim, type Opening, openGame } from '../../../src/game/open-game.js';
import type { Decision } from '../../../src/game/strategy.js';
import type { Claimed } from '../../game/support/play.js';
import { type Arena, NO_ADDRESS } from './arena.js';

const ETHER = 10n ** 18n;
export const REWARD = ETHER;
export const CLOCK = 1000;
const WINDOW = 100_000;

/** What somebody does in a position, and not before which second. */
export type Performer = (game: Game, now: number) => Promise<Decision & { readonly at?: number }>;

/** A claim on the chain. */
export interface Staged {
  readonly job: bigint;
  readonly claim: bigint;
  readonly jobHash: Hex;
  readonly rules: GameRules;
  /** As the reducer knows it. */
  readonly claimed: Claim;
  readonly solver: string;
  readonly solverBond: bigint;
}

/** A game on the chain, and the reducer's twin of it. Its times are the chain's. */
export interface Table {
  readonly id: bigint;
  readonly staged: Staged;
  readonly challenger: string;
  readonly bond: bigint;
  game: Game;
  /** Transactions of each side, and their gas together. */
  readonly moves: Record<Side, number>;
  gas: number;
}

/** Posts and takes a job, and claims what the solver says. */
export async function stage(arena: Arena, { rules, claim }: Pick<Claimed, 'rules' | 'claim'>, solver = 'solver') {
  const start = (await arena.now()) + 1;
  await arena.must({ functionName: 'post', args: [termsOf(rules, start)] }, 'client', start, REWARD);
  const job = (await arena.read('jobCount')) as bigint;
  const terms = await arena.read('termsHash', job);
  const solverBond = 2n * ((await arena.read('solverBond', job)) as bigint);
  await arena.must({ functionName: 'take', args: [job, terms] }, solver, start + 1, solverBond);
  const roots = [toHex(claim.finalRoot), toHex(claim.traceRoot)];
  await arena.must({ functionName: 'claim', args: [job, ...roots] }, solver, start + 2);
  const staged: Staged = {
    ...{ job, rules, solver, solverBond },
    claim: (await arena.read('claimCount')) as bigint,
    jobHash: (await arena.read('jobHash', job)) as Hex,
    claimed: { ...claim, until: start + 2 + WINDOW, minimumBond: 0n },
  };
  return staged;
}

/** Opens a game, on the chain and in the reducer. */
export async function openTable(
  arena: Arena,
  staged: Staged,
  opening: Omit<Opening, 'bond'>,
  challenger = 'challenger',
): Promise<Table> {
  const time = (await arena.now()) + 1;
  const bond = 2n * ((await arena.read('challengerBond')) as bigint);
  const args = openArguments(staged.claim, staged.jobHash, { ...opening, bond });
  const gas = await arena.must({ functionName: 'open', args }, challenger, time, bond);
  const begun = openGame(staged.rules, staged.claimed, { ...opening, bond }, time);
  if ('refused' in begun) throw new Error(begun.refused.code);
  const id = (await arena.read('gameCount')) as bigint;
  return { id, staged, challenger, bond, game: begun.game, moves: { solver: 0, challenger: 1 }, gas };
}

/** Makes a move at a second; the contract and the reducer must both allow it, and agree on what comes of it. */
export async function moveAt(arena: Arena, table: Table, move: Move, time: number): Promise<void> {
  const gas = await arena.must(callOf(table.id, move), accountOf(table, move.from), time);
  const result = applyMove(table.game, move, time);
  if ('refused' in result) throw new Error(`${move.kind}: ${result.refused.code}`);
  table.game = result.game;
  table.gas += gas;
  if (move.from !== 'other') table.moves[move.from] += 1;
  await requireTwins(arena, table);
}

/** Lets both sides move until the game ends; where neither does, the time passes and a passer-by calls the timeout. */
export async function playOnChain(
  arena: Arena,
  table: Table,
  players: Readonly<Record<Side, Performer>>,
): Promise<Table> {
  while (table.game.status === 'live') await playOne(arena, table, players);
  return table;
}

/** One move of whoever has one. */
export async function playOne(arena: Arena, table: Table, players: Readonly<Record<Side, Performer>>): Promise<void> {
  const { game } = table;
  const now = (await arena.now()) + 1;
  const sides: Side[] = game.turn === 'solver' ? ['solver', 'challenger'] : ['challenger', 'solver'];
  for (const side of sides) {
    const decision = await players[side](game, now);
    if (decision.do === 'move') return moveAt(arena, table, decision.move, Math.max(now, decision.at ?? 0));
  }
  const late = Math.max(now, game.last + game.left[game.turn] + 1);
  await moveAt(arena, table, { kind: 'timeout', from: 'other' }, late);
}

export function accountOf({ staged, challenger }: Table, sender: Sender): string {
  return sender === 'solver' ? staged.solver : sender === 'challenger' ? challenger : 'passer-by';
}

async function requireTwins(arena: Arena, { id, staged, game }: Table): Promise<void> {
  const { h, turn } = (await arena.read('getGame', id)) as { h: Hex; turn: number };
  const { status } = (await arena.read('getClaim', staged.claim)) as { status: number };
  const have = status === 3 ? 'claim-fell' : turn === 3 ? 'challenger-lost' : h;
  const want = game.status === 'live' ? toHex(game.h) : game.status;
  if (have !== want) throw new Error(`the contract has ${have}, the reducer ${want}`);
}

function termsOf({ programHash, genesisRoot, steps, checkpointEvery, clock }: GameRules, time: number) {
  return {
    program: toHex(programHash),
    genesis: toHex(genesisRoot),
    token: NO_ADDRESS,
    steps,
    window: WINDOW,
    clock,
    reward: REWARD,
    minBond: 0n,
    trainTime: WINDOW,
    openUntil: time + WINDOW,
    checkpointLog2: Math.log2(checkpointEvery),
  };
}
