import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { applyMove } from '../../src/game/apply-move.js';
import { PHASES } from '../../src/game/context.js';
import type { Game } from '../../src/game/game.js';
import { type Claim, type Opening, openGame } from '../../src/game/open-game.js';
import { sampleLeaves } from '../commitments/samples.js';
import { type Depths, deepDispute, deepMove } from './deep-dispute.js';
import { callOf } from './game-calls.js';
import { type GameChain, startGameChain } from './game-chain.js';

const GAS_LIMIT = 2_400_000;
const MOVE_LIMIT = 16;

let chain: GameChain;
beforeAll(async () => {
  chain = await startGameChain();
});
afterAll(async () => {
  await chain.stop();
});

interface Side {
  moves: number;
  gas: number;
}

/** Plays a dispute over the whole run to its proof. */
async function play(depths: Depths) {
  const deep = deepDispute(depths);
  const [finalRoot, traceRoot] = sampleLeaves(2, 11) as [Uint8Array, Uint8Array];
  const claim: Claim = { finalRoot, traceRoot, until: 10, status: 'live', minimumBond: 0n };
  const leafI = deep.rules.genesisRoot;
  const j = deep.rules.steps / deep.rules.checkpointEvery;
  const opening: Opening = { i: 0, leafI, pathI: [], j, leafJ: finalRoot, pathJ: [], bond: 0n };
  const begun = openGame(deep.rules, claim, opening, 0);
  if ('refused' in begun) throw new Error(begun.refused.code);
  const { id, openedAt, gas } = await chain.begin(deep.rules, claim, opening);
  const sides = { solver: { moves: 0, gas: 0 }, challenger: { moves: 1, gas: gas.open } } satisfies Record<
    string,
    Side
  >;
  const rows = [`claim ${gas.claim}, open ${gas.open}`];
  let game: Game = begun.game;
  for (let at = 1; game.status === 'live'; at++) {
    const move = deepMove(deep, game);
    const { turn } = game;
    const result = applyMove(game, move, at);
    if ('refused' in result) throw new Error(`${move.kind}: ${JSON.stringify(result.refused)}`);
    const call = callOf(id, move);
    const used = await chain.must(call, turn, openedAt + at);
    sides[turn].moves += 1;
    sides[turn].gas += used;
    rows.push(`${phaseName(result.game)} ${call.functionName} ${used}`);
    game = result.game;
  }
  return { ...sides, gas: sides.solver.gas + sides.challenger.gas, game, rows };
}

function phaseName({ context }: Game): string {
  return Object.entries(PHASES).find(([, phase]) => phase === context.phase)![0];
}

describe('a dispute over 2^60 instructions, from the genesis, with a word of a tensor of 1 GiB at its foot', () => {
  test.each<Depths>([
    // The first fall of a deployment pays 34 k once for storage that every later one finds there.
    { steps: 17, operators: 9, words: 21, instructions: 13 },
    { steps: 17, operators: 11, words: 20, instructions: 12 },
    { steps: 20, operators: 10, words: 18, instructions: 12 },
    { steps: 16, operators: 11, words: 21, instructions: 12 },
  ])('costs at most 2.4 M gas and 16 moves a side: $steps + $operators + $words + $instructions', async (depths) => {
    const { solver, challenger, gas, game, rows } = await play(depths);
    if (process.env['SHOW_GAS'] !== undefined) {
      process.stderr.write(`${JSON.stringify(depths)} ${JSON.stringify({ solver, challenger, gas })}\n`);
      process.stderr.write(`${rows.join('\n')}\n`);
    }
    expect(game.ending).toBe('proved');
    expect(solver.moves).toBeLessThanOrEqual(MOVE_LIMIT);
    expect(challenger.moves).toBeLessThanOrEqual(MOVE_LIMIT);
    expect(gas).toBeLessThanOrEqual(GAS_LIMIT);
  });
});
