/** JavaScript values that are almost right: any field, however deep, replaced by what no rule expects. */
import type { Random } from '../../test/referee/random-operators.js';

const HOSTILE: readonly unknown[] = [
  ...[undefined, null, true, Number.NaN, Number.POSITIVE_INFINITY, -0, -1, 0, 1, 1.5, 31, 32, 33, 255, 256],
  ...[
    2 ** 24,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53,
    1e300,
    0n,
    1n,
    -1n,
    2n ** 64n,
    2n ** 72n,
    2n ** 256n - 1n,
    2n ** 256n,
  ],
  ...['', '0', 'solver', 'other', '__proto__', '0x', {}, [], [[]], new Uint8Array(0), new Uint8Array(31)],
  ...[new Uint8Array(32), new Uint8Array(33), new Uint8Array(132), new Uint8Array(5000), new Uint32Array(8)],
  ...[new Array(65).fill(new Uint8Array(32)), new Array(10).fill(1n), { length: 3 }, () => 1, Symbol('s'), new Date(0)],
];

/** A copy with one to three fields replaced, dropped, moved or, where they are bytes, flipped. */
export function mutateValue(random: Random, value: unknown): unknown {
  let changed = value;
  for (let changes = 1 + random.below(3); changes > 0; changes--) changed = changeSomewhere(random, changed, value);
  return changed;
}

function changeSomewhere(random: Random, value: unknown, whole: unknown): unknown {
  if (value instanceof Uint8Array && random.below(2) === 0) return flipped(random, value);
  if (!isBranch(value) || random.below(12) === 0) return replacement(random, whole);
  const keys = Object.keys(value);
  if (keys.length === 0) return replacement(random, whole);
  const key = keys[random.below(keys.length)]!;
  const child = changeSomewhere(random, (value as Record<string, unknown>)[key], whole);
  if (!Array.isArray(value)) return { ...value, [key]: child };
  const at = Number(key);
  return [value.with(at, child), value.toSpliced(at, 1), value.toSpliced(at, 0, child)][random.below(3)];
}

function replacement(random: Random, whole: unknown): unknown {
  return random.below(4) === 0 ? somewhere(random, whole) : HOSTILE[random.below(HOSTILE.length)];
}

function somewhere(random: Random, whole: unknown): unknown {
  let value = whole;
  while (isBranch(value) && random.below(3) > 0) {
    const children = Object.values(value);
    if (children.length === 0) break;
    value = children[random.below(children.length)];
  }
  return value;
}

function flipped(random: Random, bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  if (copy.length > 0) copy[random.below(copy.length)]! ^= 1 << random.below(8);
  return copy;
}

function isBranch(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !(value instanceof Date);
}

/** The value as text, for a finding. */
export function showValue(value: unknown): string {
  const portable = (_key: string, field: unknown): unknown => {
    if (typeof field === 'bigint') return `${field}n`;
    if (field instanceof Uint8Array) return `0x${Buffer.from(field).toString('hex')}`;
    return typeof field === 'function' || typeof field === 'symbol' || field === undefined ? String(field) : field;
  };
  return JSON.stringify(value, portable) ?? String(value);
}
