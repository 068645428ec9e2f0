/** What a client asks for and offers, as the contract holds it. */
import { encodeAbiParameters, keccak256 } from 'viem';
import { gameAbi } from '../../contracts/generated/game.js';
import { fromHex, type Hash, type Hex, toHex } from '../commitments/hash.js';
import { jobHash } from '../program/hash.js';
import type { Address } from './signer.js';

/** The terms of a job. Times are in seconds. */
export interface Terms {
  readonly program: Hash;
  /** Root of the state before the first training step. */
  readonly genesis: Hash;
  /** Of the reward; {@link ETHER} for ether. */
  readonly token: Address;
  /** S. */
  readonly steps: number;
  /** How long a claim may be disputed. */
  readonly window: number;
  /** What each side of a game has in all. */
  readonly clock: number;
  /** In the token's smallest unit; wei for ether. */
  readonly reward: bigint;
  /** The least bond of a solver, in wei. */
  readonly minBond: bigint;
  /** From taking the job to claiming a result. */
  readonly trainTime: number;
  /** The last second at which the job may be taken, as Unix time. */
  readonly openUntil: number;
  /** e: leaves of a trace are 2^e steps apart. */
  readonly checkpointLog2: number;
}

/** Stands for ether where a token is asked for. */
export const ETHER: Address = '0x0000000000000000000000000000000000000000';

/** The terms as an argument of the contract. */
export interface TermsArgument extends Omit<Terms, 'program' | 'genesis'> {
  readonly program: Hex;
  readonly genesis: Hex;
}

/** Terms as viem encodes them. */
export function termsArgument(terms: Terms): TermsArgument {
  return { ...terms, program: toHex(terms.program), genesis: toHex(terms.genesis) };
}

/** Terms as viem decodes them. */
export function termsOf({ program, genesis, ...rest }: TermsArgument): Terms {
  return { ...rest, program: fromHex(program, "the job's program"), genesis: fromHex(genesis, "the job's genesis") };
}

const POST = gameAbi.find((item) => item.type === 'function' && item.name === 'post');

/** The contract's `termsHash`: keccak256 of the terms as `abi.encode` writes them. */
export function termsHash(terms: Terms): Hash {
  if (POST?.type !== 'function') throw new Error('the contract has no function post');
  return fromHex(keccak256(encodeAbiParameters(POST.inputs, [termsArgument(terms)] as never)));
}

/** The contract's `jobHash` of these terms. @throws `program.invalid` for steps or an interval that no job has */
export function jobHashOfTerms({ program, genesis, steps, checkpointLog2 }: Terms): Hash {
  return jobHash({ programHash: program, genesisRoot: genesis, steps, checkpointEvery: 2 ** checkpointLog2 });
}
