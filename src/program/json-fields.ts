/** Reads fields of a parsed JSON document from a stranger: every value has the type and the size that is expected. */
import { fail } from '../errors/index.js';

/** The items of an array. `where` names the field in errors. Throws `program.bad-text`. */
export function arrayField(value: unknown, where: string, maxLength: number): readonly unknown[] {
  if (!Array.isArray(value)) throw unreadable(`${where} is not a list`);
  if (value.length > maxLength) throw unreadable(`${where} has ${value.length} items; the limit is ${maxLength}`);
  return value;
}

/** An array of exactly so many items. */
export function tupleField(value: unknown, where: string, length: number): readonly unknown[] {
  const items = arrayField(value, where, length);
  if (items.length !== length) throw unreadable(`${where} has ${items.length} items instead of ${length}`);
  return items;
}

export function textField(value: unknown, where: string, maxLength: number): string {
  if (typeof value !== 'string') throw unreadable(`${where} is not a text`);
  if (value.length > maxLength) throw unreadable(`${where} has ${value.length} characters; the limit is ${maxLength}`);
  return value;
}

/** One of some words. */
export function wordField<Word extends string>(value: unknown, where: string, words: ReadonlySet<string>): Word {
  const text = textField(value, where, 64);
  if (!words.has(text)) throw unreadable(`${where} is none of ${[...words].join(', ')}`);
  return text as Word;
}

/** An integer of 32 bits without sign. */
export function countField(value: unknown, where: string): number {
  if (!Number.isSafeInteger(value) || Object.is(value, -0) || (value as number) < 0 || (value as number) > 0xffffffff) {
    throw unreadable(`${where} is not an integer from 0 to 4294967295`);
  }
  return value as number;
}

export function countsField(value: unknown, where: string, maxLength: number): number[] {
  return arrayField(value, where, maxLength).map((item, at) => countField(item, `${where}[${at}]`));
}

/** An object with exactly these keys. */
export function recordField<Key extends string>(
  value: unknown,
  where: string,
  keys: readonly Key[],
): Record<Key, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unreadable(`${where} is not an object`);
  const missing = keys.find((key) => !Object.hasOwn(value, key));
  if (missing !== undefined) throw unreadable(`${where} has no '${missing}'`);
  if (Object.keys(value).length > keys.length) throw unreadable(`${where} has a key other than ${keys.join(', ')}`);
  return value as Record<Key, unknown>;
}

export function unreadable(reason: string, cause?: unknown): Error {
  return fail('program.bad-text', { reason }, cause === undefined ? {} : { cause });
}
