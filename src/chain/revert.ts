/** What a contract says when it refuses: its custom error by name, with what it has and what it wants. */
import { type Abi, type AbiParameter, decodeErrorResult } from 'viem';
import { ARTIFACTS } from './contracts.js';

/** A refusal, decoded. */
export interface Revert {
  /** The error's name: `WrongState`; `Error` or `Panic` for Solidity's own; null for one that nobody here defines. */
  readonly name: string | null;
  /** Its arguments by name; by position where they have none. Numbers as decimal texts. */
  readonly args: Readonly<Record<string, string>>;
  /** All of it in words. */
  readonly text: string;
}

const MAX_DEPTH = 16;
const MAX_ARGUMENT = 200;

/** The errors of all contracts: one contract lets another one's errors through. */
const ERRORS: Abi = Object.values(ARTIFACTS).flatMap(({ abi }) => abi.filter(({ type }) => type === 'error'));

/** An error and what caused it, outermost first. */
export function causesOf(error: unknown): readonly object[] {
  const causes: object[] = [];
  for (let at = error; typeof at === 'object' && at !== null && causes.length < MAX_DEPTH; ) {
    causes.push(at);
    at = (at as { cause?: unknown }).cause;
  }
  return causes;
}

/** The data that a contract reverted with; `0x` where it said nothing; null where the error is none of a contract. */
export function revertData(error: unknown): `0x${string}` | null {
  const causes = causesOf(error);
  for (const cause of causes.toReversed()) {
    const { data } = cause as { data?: unknown };
    const inner = typeof data === 'object' && data !== null ? (data as { data?: unknown }).data : data;
    if (typeof inner === 'string' && /^0x(?:[0-9a-f]{2})*$/i.test(inner)) return inner as `0x${string}`;
  }
  const reverted = causes.some((cause) => {
    const { code, details } = cause as { code?: unknown; details?: unknown };
    return code === 3 || (typeof details === 'string' && /execution reverted|out of gas/i.test(details));
  });
  return reverted ? '0x' : null;
}

/**
 * Names what a contract reverted with.
 *
 * @param errors - further errors that may be meant, such as those of a token
 */
export function decodeRevert(data: `0x${string}`, errors: Abi = []): Revert {
  if (data === '0x') return { name: null, args: {}, text: 'it reverted without a reason' };
  try {
    const decoded = decodeErrorResult({ abi: [...ERRORS, ...errors], data });
    const inputs = (decoded.abiItem as { inputs?: readonly AbiParameter[] }).inputs ?? [];
    const values: readonly unknown[] = decoded.args ?? [];
    const entries = values.map((value, at) => [inputs[at]?.name || String(at), printable(value)] as const);
    return { name: decoded.errorName, args: Object.fromEntries(entries), text: inWords(decoded.errorName, entries) };
  } catch {
    return { name: null, args: {}, text: `an error that no known contract defines (${data.slice(0, 10)})` };
  }
}

function inWords(name: string, entries: readonly (readonly [string, string])[]): string {
  if (entries.length === 0) return name;
  if (name === 'Error') return `it says ${JSON.stringify(entries[0]![1])}`;
  return `${name} (${entries.map(([key, value]) => `${key} ${value}`).join(', ')})`;
}

/** A value of a stranger's contract or node, for a terminal: bounded, and without control characters. */
export function printable(value: unknown): string {
  const text = typeof value === 'object' ? JSON.stringify(value, bigintAsText) : String(value);
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�');
  return plain.length > MAX_ARGUMENT ? `${plain.slice(0, MAX_ARGUMENT)}…` : plain;
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
