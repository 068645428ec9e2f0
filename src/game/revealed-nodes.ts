/**
 * What the solver has revealed of the tree of his temporaries. A challenger whose own tree differs to the right of the
 * disputed operator proves with these nodes: they are what the game has bound (protocol H5).
 */
import { equalHashes, type Hash } from '../commitments/hash.js';
import { merkleNode, merkleRoot } from '../commitments/merkle.js';
import { blockRange, blocksOf } from '../commitments/tree.js';
import { type Context, PHASES } from './context.js';

/** A node over the hashes of temporaries `first` … `first + count − 1`. */
export interface RevealedNode {
  readonly first: number;
  readonly count: number;
  readonly hash: Hash;
}

/** The nodes that a list adds: one for each block, where the list is of temporaries; else none. */
export function nodesOfList({ phase, a, n, M }: Context, list: readonly Hash[]): RevealedNode[] {
  const isOfTemporaries = phase === PHASES.step || (phase === PHASES.ops && a + n <= M);
  if (!isOfTemporaries || list.length !== blocksOf(n).count) return [];
  return list.map((hash, block) => {
    const { first, count } = blockRange(n, block);
    return { first: a + first, count, hash };
  });
}

export interface SiblingParameters {
  /** The temporary that is opened; it is left of the disputed operator. */
  readonly index: number;
  /** M hashes of this side's own; those left of the disputed operator are the solver's too. */
  readonly own: readonly Hash[];
  /** How many of them are: min(k, M). */
  readonly agreed: number;
  readonly revealed: readonly RevealedNode[];
}

/**
 * The siblings of a temporary in the solver's tree, from the leaf up; null where what was revealed does not cover them,
 * which no game whose operator lies right of `index` can come to.
 */
export function siblingsInSolversTree(parameters: SiblingParameters): readonly Hash[] | null {
  const { index, own } = parameters;
  const siblings: Hash[] = [];
  for (let size = 1; size < own.length; size *= 2) {
    const first = (Math.floor(index / size) ^ 1) * size;
    if (first >= own.length) continue;
    const node = nodeOver(parameters, first, size);
    if (node === null) return null;
    siblings.push(node);
  }
  return siblings;
}

/** The solver's node over the block of `size` temporaries that begins at `first`, cut off at the tree's end. */
function nodeOver(parameters: SiblingParameters, first: number, size: number): Hash | null {
  const { own, agreed, revealed } = parameters;
  const count = Math.min(size, own.length - first);
  if (first + count <= agreed) return merkleRoot(own.slice(first, first + count));
  const known = revealed.find((node) => node.first === first && node.count === count);
  if (known !== undefined) return known.hash;
  if (count === 1) return null;
  const half = size / 2;
  const left = nodeOver(parameters, first, half);
  if (left === null || count <= half) return left;
  const right = nodeOver(parameters, first + half, half);
  return right === null ? null : merkleNode(left, right);
}

/** True where this side's own tree is the one that the game has bound: its own siblings serve. */
export function isOwnTree(own: readonly Hash[], temp: Hash): boolean {
  return equalHashes(merkleRoot(own), temp);
}
