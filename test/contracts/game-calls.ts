/** Moves of the reducer as calls of the contract. */
import type { ContractFunctionArgs } from 'viem';
import type { gameAbi } from '../../contracts/generated/game.js';
import { bytesToHex, type Hash, type Hex, toHex } from '../../src/commitments/hash.js';
import type { Context } from '../../src/game/context.js';
import type { Move, RevealMove } from '../../src/game/game.js';
import type { Opening } from '../../src/game/open-game.js';
import type { OperatorRecord, ProgramRecord } from '../../src/program/hash.js';
import type { OperandProof } from '../../src/program/step-proof.js';

/** The name of a function and its arguments, in order. */
export interface GameCall {
  readonly functionName: string;
  readonly args: readonly unknown[];
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
      const proof = { operator: operatorArgument(move.operator), state, code, operand: operandArgument(move.operand) };
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

function contextArgument({ M, T, C, lo, hi, pre, temp, opLeaf, consts, ...numbers }: Context) {
  return {
    ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, BigInt(value)])),
    ...{ lo: toHex(lo), hi: toHex(hi), pre: toHex(pre), temp: toHex(temp) },
    ...{ opLeaf: toHex(opLeaf), consts: toHex(consts) },
    ...{ temporaries: BigInt(M), states: BigInt(T), constants: BigInt(C) },
  };
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
