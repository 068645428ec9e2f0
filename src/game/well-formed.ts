/**
 * Whether a move is one that calldata can be decoded to: every field there, of its type and in its range. What is not is
 * refused before any rule looks at it, so that no rule meets a value that it cannot hash.
 */
import { isHash } from '../commitments/hash.js';
import { CONTEXT_FIELDS, type Context, HASH_FIELDS } from './context.js';
import type { Move } from './game.js';

/** Longer than every list, path or chunk of a move; a contract's own bound is the gas of a block. */
const MAX_ENTRIES = 64;
const MAX_BYTES = 4096;
const UINT32 = 2 ** 32 - 1;
const UINT24 = 2 ** 24 - 1;

type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;

const uint =
  (largest: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= largest;
const oneOf =
  (...names: readonly string[]): Check =>
  (value) =>
    names.includes(value as string);
const listOf =
  (isItem: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length <= MAX_ENTRIES && value.every(isItem);
const record =
  (shape: Shape): Check =>
  (value) =>
    typeof value === 'object' && value !== null && hasShape(value as Record<string, unknown>, shape);

const hashes = listOf(isHash);
const bytes: Check = (value) =>
  Object.prototype.toString.call(value) === '[object Uint8Array]' && (value as Uint8Array).length <= MAX_BYTES;
const slot: Check = (value) => typeof value === 'bigint' && value >= 0n && value >> 256n === 0n;

const operator = record({ code: isHash, instructions: uint(UINT32), words: uint(UINT32), slots: listOf(slot) });
const counts = { temporaries: uint(UINT24), states: uint(UINT24), constants: uint(UINT24) };
const program = record({ ...counts, ops: isHash, consts: isHash });
const operand = record({ tensor: isHash, tensorSiblings: hashes, chunk: hashes, chunkSiblings: hashes });
const aids = [
  record({ enters: oneOf('nothing') }),
  record({ enters: oneOf('step'), program }),
  record({ enters: oneOf('operator'), program, operator, path: hashes }),
  record({ enters: oneOf('element'), operator, final: bytes }),
];
const aid: Check = (value) => aids.some((isAid) => isAid(value));
const context = record(
  Object.fromEntries(
    CONTEXT_FIELDS.map((field: keyof Context) => [field, HASH_FIELDS.has(field) ? isHash : uint(UINT32)]),
  ),
);

const from = oneOf('solver', 'challenger', 'other');
const SHAPES: Readonly<Record<Move['kind'], Shape>> = {
  reveal: { from, context, list: hashes, aid },
  select: { from, context, list: hashes, index: uint(UINT32) },
  refute: { from, context, list: hashes },
  prove: { from, context, operator, state: bytes, code: bytes, operand },
  timeout: { from },
};

/** True for a move whose every field has its type and range, whatever was passed. */
export function isMove(value: unknown): value is Move {
  if (typeof value !== 'object' || value === null) return false;
  const { kind } = value as { kind?: unknown };
  if (typeof kind !== 'string' || !Object.hasOwn(SHAPES, kind)) return false;
  return hasShape(value as Record<string, unknown>, SHAPES[kind as Move['kind']]);
}

/** True for an opening's numbers, hashes and paths. */
export const isOpening: Check = record({
  i: uint(UINT32),
  leafI: isHash,
  pathI: hashes,
  j: uint(UINT32),
  leafJ: isHash,
  pathJ: hashes,
});

function hasShape(value: Record<string, unknown>, shape: Shape): boolean {
  return Object.entries(shape).every(([name, check]) => check(value[name]));
}
