/**
 * What a game has bound by now, and its hash: the one word that a contract stores of it (docs/game.md). The field names
 * are those of the protocol and of the contract.
 */
import { abiWord } from '../commitments/abi.js';
import { concatenate } from '../commitments/bytes.js';
import { type Hash, zeroHash } from '../commitments/hash.js';
import { keccak256 } from '../commitments/keccak.js';

/** The levels of a dispute, in order. */
export const PHASES = { run: 1, step: 2, ops: 3, tensor: 4, word: 5, machine: 6, prove: 7 } as const;
export type Phase = (typeof PHASES)[keyof typeof PHASES];

export interface Context {
  readonly phase: number;
  /** First leaf (or link of a chain) of the current range. */
  readonly a: number;
  /** Leaves (or links) in the range. */
  readonly n: number;
  /** Chains: the hash on the left, on which both sides agree. */
  readonly lo: Hash;
  /** The disputed hash: on the right of a chain, or the node of a tree. */
  readonly hi: Hash;
  /** State root before the disputed training step. */
  readonly pre: Hash;
  /** Root over the step's temporaries, as the solver revealed them. */
  readonly temp: Hash;
  readonly opLeaf: Hash;
  readonly step: number;
  readonly k: number;
  readonly elem: number;
  /** In TENSOR the output's length in words, from WORD on the disputed word. */
  readonly value: number;
  readonly M: number;
  readonly T: number;
  readonly C: number;
  /** Root over the constants. */
  readonly consts: Hash;
}

/** The fields in the order of `abi.encode`. */
export const CONTEXT_FIELDS = [
  'phase',
  'a',
  'n',
  'lo',
  'hi',
  'pre',
  'temp',
  'opLeaf',
  'step',
  'k',
  'elem',
  'value',
  'M',
  'T',
  'C',
  'consts',
] as const satisfies readonly (keyof Context)[];

/** The fields that are hashes; all others are unsigned integers. */
export const HASH_FIELDS: ReadonlySet<keyof Context> = new Set(['lo', 'hi', 'pre', 'temp', 'opLeaf', 'consts']);

/** A context in phase RUN; everything that is not bound yet is zero. */
export function runContext(range: Pick<Context, 'a' | 'n' | 'lo' | 'hi'>): Context {
  const [pre, temp, opLeaf, consts] = [zeroHash(), zeroHash(), zeroHash(), zeroHash()];
  const numbers = { step: 0, k: 0, elem: 0, value: 0, M: 0, T: 0, C: 0 };
  return { phase: PHASES.run, ...range, pre, temp, opLeaf, ...numbers, consts };
}

/** `abi.encode` of the context: 16 static words. */
export function encodeContext(context: Context): Uint8Array {
  return concatenate(CONTEXT_FIELDS.map((field) => abiWord(context[field])));
}

/**
 * h: keccak256 of the context, followed by the entries of the list where the challenger is to answer one.
 *
 * @param list - what the solver revealed; none on the solver's turn
 */
export function gameHash(context: Context, list: readonly Hash[] = []): Hash {
  return keccak256(concatenate([encodeContext(context), ...list]));
}
