import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { callOf } from '../../src/chain/game-calls.js';
import { toHex } from '../../src/commitments/hash.js';
import type { Game, Sender } from '../../src/game/game.js';
import { type MoveList, randomMoveLists } from '../game/support/move-lists.js';
import { type GameChain, startGameChain } from './game-chain.js';

let chain: GameChain;
beforeAll(async () => {
  chain = await startGameChain();
});
afterAll(async () => {
  await chain.stop();
});

interface Dispute {
  readonly claim: bigint;
  readonly leftSolver: number;
  readonly leftChallenger: number;
  readonly moves: number;
  readonly turn: number;
  readonly h: string;
}

/** What both twins say of a game. */
async function onChain(id: bigint) {
  const game = (await chain.read('getGame', id)) as Dispute;
  const claim = (await chain.read('getClaim', game.claim)) as { status: number };
  const status = claim.status === 3 ? 'claim-fell' : game.turn === 3 ? 'challenger-lost' : 'live';
  if (status !== 'live') return { status };
  const turn = game.turn === 1 ? 'solver' : 'challenger';
  const left = { solver: game.leftSolver, challenger: game.leftChallenger };
  return { status, turn, left, moves: game.moves, h: game.h };
}

function reduced({ status, turn, left, moves, h }: Game) {
  return status === 'live' ? { status, turn, left, moves, h: toHex(h) } : { status };
}

/** Plays a list on the chain; counts what was accepted and refused. */
async function compare(list: MoveList) {
  const counts = { accepted: 0, refused: 0 };
  const { id, openedAt } = await chain.begin(list.rules, list.claim, list.opening);
  expect(await onChain(id)).toEqual(reduced(list.game));
  for (const { at, move, refused, after } of list.entries) {
    const from: Sender = 'from' in move ? move.from : 'other';
    const outcome = await chain.attempt(callOf(id, move), from, openedAt + at);
    const error = 'error' in outcome ? outcome.error : null;
    if (refused?.code === 'Malformed') expect(error).not.toBeNull();
    else expect({ move: move.kind, error }).toEqual({ move: move.kind, error: refused?.code ?? null });
    expect(await onChain(id)).toEqual(reduced(after));
    counts[error === null ? 'accepted' : 'refused'] += 1;
  }
  return counts;
}

describe('the reducer and the contract', () => {
  test.each([7, 21, 33])(
    'accept and refuse the same moves, and hold the same hash after each: seed %d',
    async (seed) => {
      const counts = { accepted: 0, refused: 0 };
      for (const list of await randomMoveLists(seed, 12)) {
        const { accepted, refused } = await compare(list);
        counts.accepted += accepted;
        counts.refused += refused;
      }
      expect(counts.accepted).toBeGreaterThan(60);
      expect(counts.refused).toBeGreaterThan(60);
    },
  );
});
