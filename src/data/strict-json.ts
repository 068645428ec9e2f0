/**
 * JSON from a stranger: bounded in size and depth, no key twice in one object, no key that names a prototype.
 *
 * `JSON.parse` keeps the last of two equal keys, so two readers of one file may see different documents. A scan over the
 * tokens finds such keys first; `JSON.parse` then judges the syntax and makes the values.
 */
import { fail } from '../errors/index.js';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export interface StrictJsonOptions {
  /** The largest input, in bytes of UTF-8. */
  readonly maxBytes: number;
  /** The deepest nesting of arrays and objects; 64 unless told. */
  readonly maxDepth?: number;
  /** What the text is, for messages: a path, or `safetensors header`. */
  readonly name?: string;
}

/** Keys that would reach a prototype if the object were ever copied by assignment. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor']);

/**
 * Parses JSON strictly. Numbers are binary64, as in `JSON.parse`; a byte order mark is a syntax error.
 *
 * @throws `data.json-too-large`, `data.json-encoding`, `data.json-syntax`, `data.json-too-deep`,
 *   `data.json-duplicate-key`, `data.json-forbidden-key`
 */
export function parseJsonStrict(input: string | Uint8Array, options: StrictJsonOptions): JsonValue {
  const { maxBytes, maxDepth = 64, name = 'JSON input' } = options;
  const size = typeof input === 'string' ? Buffer.byteLength(input) : input.length;
  if (size > maxBytes) throw fail('data.json-too-large', { name, size, limit: maxBytes });
  const text = typeof input === 'string' ? input : decodeUtf8(input, name);
  checkStructure(text, maxDepth, name);
  return parse(text, name);
}

/** True for a key that {@link parseJsonStrict} refuses; writers check it too, so that what they write can be read. */
export function isForbiddenKey(key: string): boolean {
  return FORBIDDEN_KEYS.has(key);
}

function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw fail('data.json-encoding', { name }, { cause });
  }
}

function parse(text: string, name: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw fail('data.json-syntax', { name, reason: (cause as Error).message }, { cause });
  }
}

/**
 * Checks nesting and keys in one pass. The text need not be valid JSON: what is not a string or a bracket is passed over,
 * and a malformed text reaches `JSON.parse`, which refuses it.
 */
function checkStructure(text: string, maxDepth: number, name: string): void {
  // One entry for each open bracket: the keys seen so far, made with the first key.
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '{' || character === '[') {
      if (open.push(null) > maxDepth) throw fail('data.json-too-deep', { name, limit: maxDepth });
    } else if (character === '}' || character === ']') {
      open.pop();
    } else if (character === '"') {
      const end = endOfString(text, at);
      if (open.length > 0 && isKey(text, end)) {
        const keys = open[open.length - 1] ?? new Set<string>();
        open[open.length - 1] = keys.add(newKey(text.slice(at, end), keys, name));
      }
      at = end - 1;
    }
  }
}

/** The position behind the closing quote; the end of the text where there is none. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** True where a colon follows: in valid JSON, only behind a key. */
function isKey(text: string, position: number): boolean {
  let at = position;
  while (at < text.length && ' \t\r\n'.includes(text[at]!)) at++;
  return text[at] === ':';
}

/** The key that a string token stands for, checked against those before it. */
function newKey(token: string, keys: ReadonlySet<string>, name: string): string {
  // Escapes can spell one key in many ways, so keys are compared decoded.
  const key = token.includes('\\') ? String(parse(token, name)) : token.slice(1, -1);
  if (FORBIDDEN_KEYS.has(key)) throw fail('data.json-forbidden-key', { name, key });
  if (keys.has(key)) throw fail('data.json-duplicate-key', { name, key: shortened(key) });
  return key;
}

function shortened(key: string): string {
  return key.length <= 80 ? key : `${key.slice(0, 77)}...`;
}
