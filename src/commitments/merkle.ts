/**
 * Keccak trees: `node(l, r) = keccak256(l ‖ r)`, the root of no leaves is zero, the shape is that of `tree.ts`.
 *
 * Leaves are 32-byte values that are hashes of something else (a tensor, a state, an operator), and no such something
 * is 64 bytes long where keccak is its hash, so that a leaf can never be passed off as a node.
 */
import { fail } from '../errors/index.js';
import { HASH_BYTES, type Hash, isHash, zeroHash } from './hash.js';
import { keccak256 } from './keccak.js';
import { blocksOf, type Combine, fold, isLeafOf, levelOf, opens, siblingsOf } from './tree.js';

/** A leaf with the siblings that lead to its root. */
export interface Opening {
  readonly leaf: Hash;
  /** From the leaf up, exactly the siblings that exist. */
  readonly siblings: readonly Hash[];
}

/** `keccak256(left ‖ right)`. */
export function merkleNode(left: Hash, right: Hash): Hash {
  const preimage = new Uint8Array(2 * HASH_BYTES);
  preimage.set(left, 0);
  preimage.set(right, HASH_BYTES);
  return keccak256(preimage);
}

const combine: Combine = (left, right) => merkleNode(left, right);

/** The root over 32-byte leaves; zero for none. Throws `commitment.invalid-hash`. */
export function merkleRoot(leaves: readonly Hash[]): Hash {
  checkLeaves(leaves);
  return leaves.length === 0 ? zeroHash() : fold(leaves, combine);
}

/** Opens leaf `index`. Throws `commitment.index-out-of-range`, `commitment.invalid-hash`. */
export function openingOf(leaves: readonly Hash[], index: number): Opening {
  checkLeaves(leaves);
  if (!isLeafOf(leaves.length, index)) {
    throw fail('commitment.index-out-of-range', { what: 'leaf', index, count: leaves.length });
  }
  return { leaf: leaves[index]!, siblings: siblingsOf(leaves, index, combine) };
}

/**
 * True where `leaf` is leaf `index` of the tree of `count` leaves with this root: exactly the siblings that exist are
 * given, and they lead to the root. Never throws, whatever is passed.
 */
export function verifyOpening(
  root: Hash,
  count: number,
  index: number,
  leaf: Hash,
  siblings: readonly Hash[],
): boolean {
  return opens(root, count, index, leaf, siblings, combine);
}

/** The list a solver posts below a node over `leaves`: its at most 32 blocks (see `blocksOf`). */
export function merkleBlocks(leaves: readonly Hash[]): readonly Hash[] {
  checkLeaves(leaves);
  return levelOf(leaves, blocksOf(leaves.length).level, combine);
}

function checkLeaves(leaves: readonly Hash[]): void {
  const wrong = leaves.findIndex((leaf) => !isHash(leaf));
  if (wrong === -1) return;
  const found = `${leaves[wrong]?.length ?? 0} bytes`;
  throw fail('commitment.invalid-hash', { what: `leaf ${wrong}`, found });
}
