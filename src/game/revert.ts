/** Refusals inside the reducer: raised where a rule is broken, as a contract reverts, and caught where a move ends. */
import { equalHashes, type Hash, toHex } from '../commitments/hash.js';
import { merkleNode } from '../commitments/merkle.js';
import { climb, isLeafOf, siblingCount } from '../commitments/tree.js';
import type { Refusal, RefusalCode } from './game.js';

/** Never leaves `src/game`: {@link orRefusal} makes it a value. */
class Revert extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

/** The revert of a rule: `throw revert('Late', have, want)`. */
export function revert(code: RefusalCode, have?: number | string, want?: number | string): Error {
  return new Revert({ code, ...(have !== undefined && { have }), ...(want !== undefined && { want }) });
}

/** Reverts unless both hashes are equal. */
export function requireHash(code: RefusalCode, have: Hash, want: Hash): void {
  if (!equalHashes(have, want)) throw revert(code, toHex(have), toHex(want));
}

/** Reverts with `WrongEntryCount` unless a list has that many entries. */
export function requireCount(list: readonly Hash[], want: number): void {
  if (list.length !== want) throw revert('WrongEntryCount', list.length, want);
}

/** A leaf of a keccak tree, with exactly the siblings that exist. */
export interface OpenedLeaf {
  readonly leaf: Hash;
  readonly index: number;
  readonly count: number;
  readonly siblings: readonly Hash[];
}

/** Reverts unless a leaf and its siblings lead to a root. */
export function requireOpening({ leaf, index, count, siblings }: OpenedLeaf, root: Hash): void {
  if (!isLeafOf(count, index)) throw revert('LeafOutOfRange', index, count);
  const want = siblingCount(count, index);
  if (siblings.length !== want) throw revert('WrongSiblingCount', siblings.length, want);
  requireHash('BadProof', climb(count, index, leaf, siblings, merkleNode)!, root);
}

/** What `compute` gives, or why it reverted. */
export function orRefusal<Value>(compute: () => Value): Value | { readonly refused: Refusal } {
  try {
    return compute();
  } catch (error) {
    if (error instanceof Revert) return { refused: error.refusal };
    throw error;
  }
}
