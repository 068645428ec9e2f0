/**
 * The shape that all trees share, whatever combines two nodes: neighbours are paired, an odd last one moves up
 * unchanged, until one is left. RFC 6962 ("Certificate Transparency", §2.1) and BLAKE3 (§2.1 of its paper) both have
 * this shape. There is no padding, so with a fixed count equal children mean equal parents and the other way round.
 *
 * A count always comes from the job and never from the one who opens something; with it the depth of every leaf is
 * fixed.
 */
import { fail } from '../errors/index.js';
import { equalHashes, type Hash, isHash } from './hash.js';

/** Combines two neighbours; `isRoot` where nothing is above them. */
export type Combine = (left: Hash, right: Hash, isRoot: boolean) => Hash;

/** More leaves than any tree of the protocol has: a trace over 2^32 steps has 2^32 + 1. */
const MAX_LEAVES = 2 ** 32 + 1;

/** A list that is posted in a dispute has at most this many entries. */
const MAX_LIST = 32;
const MAX_LIST_BITS = 5;

/** The level above: half as many nodes, rounded up. */
export function combineLevel(nodes: readonly Hash[], combine: Combine): Hash[] {
  const parents: Hash[] = [];
  for (let index = 0; index + 1 < nodes.length; index += 2) {
    parents.push(combine(nodes[index]!, nodes[index + 1]!, nodes.length === 2));
  }
  if (nodes.length % 2 === 1) parents.push(nodes[nodes.length - 1]!);
  return parents;
}

/** The node on top of at least one leaf. A single leaf is its own top. */
export function fold(leaves: readonly Hash[], combine: Combine): Hash {
  if (leaves.length === 0) throw new Error('a fold needs at least one leaf');
  let level = leaves;
  while (level.length > 1) level = combineLevel(level, combine);
  return level[0]!;
}

/** The siblings from leaf `index` up to the root, exactly those that exist. `index` must be below the leaf count. */
export function siblingsOf(leaves: readonly Hash[], index: number, combine: Combine): Hash[] {
  const siblings: Hash[] = [];
  let position = index;
  for (let level = leaves; level.length > 1; level = combineLevel(level, combine)) {
    const sibling = level[siblingPosition(position)];
    if (sibling !== undefined) siblings.push(sibling);
    position = Math.floor(position / 2);
  }
  return siblings;
}

/** True where `index` is a leaf of a tree of `count` leaves, and both are numbers that a tree can have. */
export function isLeafOf(count: number, index: number): boolean {
  return (
    Number.isSafeInteger(count) && Number.isSafeInteger(index) && count <= MAX_LEAVES && 0 <= index && index < count
  );
}

/** How many siblings open leaf `index` of `count`. Needs {@link isLeafOf}. */
export function siblingCount(count: number, index: number): number {
  let siblings = 0;
  for (let width = count, position = index; width > 1; width = Math.ceil(width / 2)) {
    if (siblingPosition(position) < width) siblings++;
    position = Math.floor(position / 2);
  }
  return siblings;
}

/**
 * The top that a leaf and its siblings lead to, or undefined where they cannot belong to a tree of `count` leaves:
 * index out of range, siblings missing or left over, anything that is not 32 bytes.
 */
export function climb(
  count: number,
  index: number,
  leaf: Hash,
  siblings: readonly Hash[],
  combine: Combine,
): Hash | undefined {
  if (!isLeafOf(count, index) || !isHash(leaf)) return undefined;
  if (!Array.isArray(siblings) || siblings.length !== siblingCount(count, index)) return undefined;
  if (!siblings.every(isHash)) return undefined;
  let node = leaf;
  let next = 0;
  for (let width = count, position = index; width > 1; width = Math.ceil(width / 2)) {
    if (siblingPosition(position) < width) {
      const sibling = siblings[next++]!;
      const isRoot = width === 2;
      node = position % 2 === 0 ? combine(node, sibling, isRoot) : combine(sibling, node, isRoot);
    }
    position = Math.floor(position / 2);
  }
  return node;
}

/** True where a leaf and its siblings lead to `root`. Never throws, whatever is passed. */
export function opens(
  root: Hash,
  count: number,
  index: number,
  leaf: Hash,
  siblings: readonly Hash[],
  combine: Combine,
): boolean {
  const top = climb(count, index, leaf, siblings, combine);
  return top !== undefined && isHash(root) && equalHashes(top, root);
}

/** A range cut into at most {@link MAX_LIST} blocks of 2^level leaves (the last one may be shorter). */
export interface Blocks {
  /** Where the tree is cut: a block is a node of this level. */
  readonly level: number;
  /** Number of blocks. */
  readonly count: number;
  /** Leaves (or links of a chain) in each block but the last: 2^level. */
  readonly size: number;
}

/**
 * How `count` leaves are cut for one round of a dispute (protocol: `blocks(n)`): with as few rounds as lists of
 * {@link MAX_LIST} allow, and all of them about as long. Two lists of 8 cost less than one of 32 and one of 2.
 *
 * @throws `commitment.too-large`
 */
export function blocksOf(count: number): Blocks {
  if (!Number.isSafeInteger(count) || count < 0 || count > MAX_LEAVES) {
    throw fail('commitment.too-large', { found: count, what: 'leaves', limit: MAX_LEAVES });
  }
  const level = count > MAX_LIST ? levelBelow(bitLength(count - 1)) : 0;
  const size = 2 ** level;
  return { level, count: Math.ceil(count / size), size };
}

/** What is left of a range of `bits` bits after its first round. */
function levelBelow(bits: number): number {
  const rounds = Math.ceil(bits / MAX_LIST_BITS);
  return bits - Math.ceil(bits / rounds);
}

/**
 * The first leaf of block `block` and how many it has, inside a range of `count` leaves.
 *
 * @throws `commitment.index-out-of-range`, `commitment.too-large`
 */
export function blockRange(count: number, block: number): { first: number; count: number } {
  const blocks = blocksOf(count);
  if (!isLeafOf(blocks.count, block)) {
    throw fail('commitment.index-out-of-range', { what: 'block', index: block, count: blocks.count });
  }
  const first = block * blocks.size;
  return { first, count: Math.min(blocks.size, count - first) };
}

/** The nodes of a level above the leaves; level 0 is the leaves themselves. */
export function levelOf(leaves: readonly Hash[], level: number, combine: Combine): readonly Hash[] {
  let nodes = leaves;
  for (let above = 0; above < level; above++) nodes = combineLevel(nodes, combine);
  return nodes;
}

function siblingPosition(position: number): number {
  return position % 2 === 0 ? position + 1 : position - 1;
}

/** Bits needed to write a number; 0 for 0. Exact for every safe integer. */
function bitLength(value: number): number {
  return value === 0 ? 0 : value.toString(2).length;
}
