/**
 * What a game has bound by now, and its hash: the one word that a contract stores of it (docs/game.md). The field names
 * are those of the protocol and of the contract.
 */
import { abiWord, structHash } from '../commitments/abi.js';
import { concatenate } from '../commitments/bytes.js';
import { equalHashes, type Hash, zeroHash } from '../commitments/hash.js';
import { keccak256 } from '../commitments/keccak.js';
import { STRUCT_NAMES } from '../program/hash.js';

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
  /** In STEP and OPS T, in TENSOR the output's length in words, from WORD on the disputed word. */
  readonly value: number;
  readonly M: number;
  readonly T: number;
  readonly C: number;
  /** Root over the constants. */
  readonly consts: Hash;
}

/** All fields. */
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

/** What the contract is told of a context: its struct `Context`, 160 bytes. */
export interface PackedContext {
  /** Seven numbers of 32 bits, from the highest: phase, a, n, step, k, elem, value. */
  readonly place: bigint;
  readonly lo: Hash;
  readonly hi: Hash;
  /** Hash of what the step's operators may read; zero before a step is entered. */
  readonly sources: Hash;
  readonly opLeaf: Hash;
}

const PLACE_FIELDS = ['phase', 'a', 'n', 'step', 'k', 'elem', 'value'] as const;

/** The context as its hash and every move hold it. Every number must be below 2^32. */
export function packContext(context: Context): PackedContext {
  const { lo, hi, opLeaf } = context;
  const place = PLACE_FIELDS.reduce((packed, field) => (packed << 32n) | BigInt(context[field]), 0n);
  return { place, lo, hi, sources: sourcesOf(context), opLeaf };
}

/** The five words of a packed context. */
export function encodeContext(context: Context): Uint8Array {
  const { place, lo, hi, sources, opLeaf } = packContext(context);
  return concatenate([place, lo, hi, sources, opLeaf].map(abiWord));
}

/** Hash of the contract's struct `Sources`, of which only the proof brings the fields. */
function sourcesOf({ pre, temp, consts, M, T, C }: Context): Hash {
  const isBound = M + T + C > 0 || [pre, temp, consts].some((hash) => !equalHashes(hash, zeroHash()));
  return isBound ? structHash(STRUCT_NAMES.sources, [pre, temp, consts, M, T, C]) : zeroHash();
}

/**
 * h: keccak256 of the context, followed by the entries of the list where the challenger is to answer one.
 *
 * @param list - what the solver revealed; none on the solver's turn
 */
export function gameHash(context: Context, list: readonly Hash[] = []): Hash {
  return keccak256(concatenate([encodeContext(context), ...list]));
}
