/** Openings, moves and collections as calls of the contract. The reducer's move is the only source of its arguments. */
import { type Abi, type ContractFunctionArgs, encodeFunctionData } from 'viem';
import { gameAbi } from '../../contracts/generated/game.js';
import { bytesToHex, type Hash, type Hex, toHex } from '../commitments/hash.js';
import { type Context, packContext } from '../game/context.js';
import type { Move, RevealMove } from '../game/game.js';
import type { Opening } from '../game/open-game.js';
import type { OperatorRecord, ProgramRecord } from '../program/hash.js';
import type { OperandProof } from '../program/step-proof.js';
import type { Call } from './call.js';
import type { Market } from './market.js';

/** The name of a function and its arguments, in order. */
export interface GameCall {
  readonly functionName: string;
  readonly args: readonly unknown[];
}

/** Opens a game against claim `claim` of the job with this hash. The bond goes along; `opening.bond` is in wei. */
export function openCall(market: Pick<Market, 'address'>, claim: bigint, jobHash: Hash, opening: Opening): Call {
  const args = openArguments(claim, toHex(jobHash), opening);
  const data = encodeFunctionData({ abi: gameAbi, functionName: 'open', args });
  return { what: `open a game against claim ${claim}`, to: market.address, data, value: opening.bond };
}

/** Makes a move in a game. */
export function moveCall(market: Pick<Market, 'address'>, id: bigint, move: Move): Call {
  return { what: `${move.kind} in game ${id}`, to: market.address, data: encoded(callOf(id, move)) };
}

/** Pays a challenger's bond and share after a fall. */
export function collectCall(market: Pick<Market, 'address'>, id: bigint): Call {
  const data = encodeFunctionData({ abi: gameAbi, functionName: 'collect', args: [id] });
  return { what: `collect game ${id}`, to: market.address, data };
}

function encoded({ functionName, args }: GameCall): Hex {
  return encodeFunctionData({ abi: gameAbi as Abi, functionName, args });
}

/** The call that makes a move in game `id`. */
export function callOf(id: bigint, move: Move): GameCall {
  switch (move.kind) {
    case 'reveal':
      return revealCall(id, move);
    case 'select': {
      const args = [id, contextArgument(move.context), move.list.map(toHex), BigInt(move.index)];
      return { functionName: 'select', args };
    }
    case 'refute':
      return { functionName: 'refute', args: [id, contextArgument(move.context), move.list.map(toHex)] };
    case 'prove': {
      const [state, code] = [bytesToHex(move.state), bytesToHex(move.code)];
      const proof = {
        sources: sourcesArgument(move.context),
        operator: operatorArgument(move.operator),
        state,
        code,
        operand: operandArgument(move.operand),
      };
      return { functionName: 'prove', args: [id, contextArgument(move.context), proof] };
    }
    case 'timeout':
      return { functionName: 'timeout', args: [id] };
  }
}

/** At the foot of a level another function enters the next one. */
function revealCall(id: bigint, { context, list, aid }: RevealMove): GameCall {
  const common = [id, contextArgument(context), list.map(toHex)];
  switch (aid.enters) {
    case 'nothing':
      return { functionName: 'reveal', args: common };
    case 'step':
      return { functionName: 'revealStep', args: [...common, programArgument(aid.program)] };
    case 'operator': {
      const path = aid.path.map(toHex);
      const args = [...common, programArgument(aid.program), operatorArgument(aid.operator), path];
      return { functionName: 'revealOperator', args };
    }
    case 'element': {
      const args = [...common, operatorArgument(aid.operator), bytesToHex(aid.final)];
      return { functionName: 'revealElement', args };
    }
  }
}

export type OpenArguments = ContractFunctionArgs<typeof gameAbi, 'payable', 'open'>;

export function openArguments(claim: bigint, jobHash: Hex, opening: Opening): OpenArguments {
  const leaf = (index: number, root: Hash, path: readonly Hash[]) => ({
    index,
    root: toHex(root),
    path: path.map(toHex),
  });
  const { i, leafI, pathI, j, leafJ, pathJ } = opening;
  return [claim, jobHash, leaf(i, leafI, pathI), leaf(j, leafJ, pathJ)];
}

function contextArgument(context: Context) {
  const { place, ...hashes } = packContext(context);
  return { place, ...Object.fromEntries(Object.entries(hashes).map(([name, hash]) => [name, toHex(hash)])) };
}

/** What the context's `sources` is the hash of. */
function sourcesArgument({ pre, temp, consts, M, T, C }: Context) {
  const roots = { stateRoot: toHex(pre), temporaryRoot: toHex(temp), constantRoot: toHex(consts) };
  return { ...roots, temporaries: M, states: T, constants: C };
}

function programArgument({ ops, consts, ...counts }: ProgramRecord) {
  return { ...counts, ops: toHex(ops), consts: toHex(consts) };
}

function operatorArgument({ code, ...rest }: OperatorRecord) {
  return { ...rest, code: toHex(code) };
}

function operandArgument({ tensor, tensorSiblings, chunk, chunkSiblings }: OperandProof) {
  return {
    tensor: toHex(tensor),
    tensorSiblings: tensorSiblings.map(toHex),
    chunk: chunk.map(toHex),
    chunkSiblings: chunkSiblings.map(toHex),
  };
}
