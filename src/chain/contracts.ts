/** The contracts of this release, as the compiler left them. A new contract is one more entry. */
import type { Abi } from 'viem';
import { gameAbi, gameBytecode } from '../../contracts/generated/game.js';
import { refereeAbi, refereeBytecode } from '../../contracts/generated/referee.js';
import { bytesToHex, type Hex } from '../commitments/hash.js';
import { keccak256 } from '../commitments/keccak.js';

/** What the compiler makes of a contract. */
export interface Artifact {
  readonly abi: Abi;
  /** Creation code, without constructor arguments. */
  readonly bytecode: Hex;
  /** Contracts whose addresses are the constructor's first arguments. */
  readonly needs: readonly string[];
}

export const ARTIFACTS = {
  Referee: { abi: refereeAbi as Abi, bytecode: refereeBytecode as Hex, needs: [] },
  /** The market is part of it. */
  Game: { abi: gameAbi as Abi, bytecode: gameBytecode as Hex, needs: ['Referee'] },
} as const satisfies Readonly<Record<string, Artifact>>;

export type ContractName = keyof typeof ARTIFACTS;

/** True for a contract that this release knows. */
export function isContractName(name: string): name is ContractName {
  return Object.hasOwn(ARTIFACTS, name);
}

/** keccak256 of the ABI as JSON: tells whether a deployed contract and this release speak the same language. */
export function abiHash(artifact: Artifact): Hex {
  return bytesToHex(keccak256(new TextEncoder().encode(JSON.stringify(artifact.abi))));
}
