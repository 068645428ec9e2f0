/** Plays a deep dispute on the chain, with the gas of every move. */
import { encodeFunctionData } from 'viem';
import { gameAbi } from '../../contracts/generated/game.js';
import { callOf, type GameCall } from '../../src/chain/game-calls.js';
import { applyMove } from '../../src/game/apply-move.js';
import { PHASES } from '../../src/game/context.js';
import type { Game, Side } from '../../src/game/game.js';
import { type Claim, type Opening, openGame } from '../../src/game/open-game.js';
import { sampleLeaves } from '../commitments/samples.js';
import { type DeepDispute, type Depths, deepDispute, deepMove } from './deep-dispute.js';
import type { GameChain } from './game-chain.js';

/** One move of a dispute. */
export interface PlayedMove {
  /** The phase that the game is in after it. */
  readonly phase: string;
  readonly name: string;
  readonly side: Side;
  readonly gas: number;
  /** What EIP-7623 asks for the transaction's data, whatever it executes. */
  readonly floor: number;
}

export interface DeepPlay {
  readonly game: Game;
  readonly moves: readonly PlayedMove[];
  /** Of both sides together, from opening the game to the claim's fall. */
  readonly gas: number;
}

const TRANSACTION_GAS = 21_000;

/** Plays a dispute over the whole run to its proof. The first fall on a deployment costs more than later ones. */
export async function playDeep(chain: GameChain, depths: Depths): Promise<DeepPlay> {
  const deep = deepDispute(depths);
  const { claim, opening } = wholeRun(deep);
  const begun = openGame(deep.rules, claim, opening, 0);
  if ('refused' in begun) throw new Error(begun.refused.code);
  const { id, openedAt, gas } = await chain.begin(deep.rules, claim, opening);
  const moves: PlayedMove[] = [{ phase: 'run', name: 'open', side: 'challenger', gas: gas.open, floor: 0 }];
  let game: Game = begun.game;
  for (let at = 1; game.status === 'live'; at++) {
    const move = deepMove(deep, game);
    const { turn: side } = game;
    const result = applyMove(game, move, at);
    if ('refused' in result) throw new Error(`${move.kind}: ${JSON.stringify(result.refused)}`);
    const call = callOf(id, move);
    const used = await chain.must(call, side, openedAt + at);
    game = result.game;
    moves.push({ phase: phaseName(game), name: call.functionName, side, gas: used, floor: floorOf(call) });
  }
  return { game, moves, gas: moves.reduce((sum, move) => sum + move.gas, 0) };
}

function wholeRun({ rules }: DeepDispute): { claim: Claim; opening: Opening } {
  const [finalRoot, traceRoot] = sampleLeaves(2, 11) as [Uint8Array, Uint8Array];
  const claim: Claim = { finalRoot, traceRoot, until: 10, status: 'live', minimumBond: 0n };
  const j = rules.steps / rules.checkpointEvery;
  return {
    claim,
    opening: { i: 0, leafI: rules.genesisRoot, pathI: [], j, leafJ: finalRoot, pathJ: [], bond: 0n },
  };
}

function floorOf({ functionName, args }: GameCall): number {
  const data = encodeFunctionData({ abi: gameAbi, functionName, args } as Parameters<typeof encodeFunctionData>[0]);
  const bytes = Buffer.from(data.slice(2), 'hex');
  const zeros = bytes.filter((byte) => byte === 0).length;
  return TRANSACTION_GAS + 10 * zeros + 40 * (bytes.length - zeros);
}

function phaseName({ context }: Game): string {
  return Object.entries(PHASES).find(([, phase]) => phase === context.phase)![0];
}
