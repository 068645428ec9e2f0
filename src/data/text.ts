/**
 * Text as numbers: one token for each character (Unicode code point) or for each byte, and a vocabulary that follows
 * from the text alone, so that everybody who has the file gets the same numbers.
 */
import { fail } from '../errors/index.js';
import { checkVocabulary, vocabularyOf } from './vocabulary.js';

export const TEXT_UNITS = ['character', 'byte'] as const;
export type TextUnit = (typeof TEXT_UNITS)[number];

/** The largest text that is read, in bytes: characters become a string in memory. */
export const MAX_TEXT_BYTES = 2 ** 28;
/** Classes of a text whose tokens are bytes. */
export const BYTE_CLASSES = 256;

const DECODING_CHUNK = 2 ** 16;
const LAST_CODE_POINT = 0x10ffff;

export interface Text {
  readonly unit: TextUnit;
  /** One number for each unit; bytes where there are at most 256 of them. */
  readonly tokens: Uint8Array | Int32Array;
  /** The characters that tokens stand for, in order of their code points; `null` where tokens are bytes. */
  readonly vocabulary: string | null;
  /** The number of different tokens that the model must know. */
  readonly classes: number;
}

export interface ParseTextOptions {
  readonly unit: TextUnit;
  /** The vocabulary to use, of the training data; the text's own where there is none. Only for characters. */
  readonly vocabulary?: string | null;
}

/**
 * Reads a text. A byte order mark at the start of characters is left out; nothing else is changed.
 *
 * @param path - the file's name, for messages
 * @throws `data.file-too-large`, `data.text-encoding`, `data.text-character`, `data.vocabulary`
 */
export function parseText(bytes: Uint8Array, path: string, { unit, vocabulary }: ParseTextOptions): Text {
  if (bytes.length > MAX_TEXT_BYTES) {
    throw fail('data.file-too-large', { path, size: bytes.length, limit: MAX_TEXT_BYTES });
  }
  if (unit === 'byte') return { unit, tokens: bytes, vocabulary: null, classes: BYTE_CLASSES };
  const text = decodeText(bytes, path);
  const known = vocabulary ?? vocabularyOf(text, path);
  return { unit, ...encodeText(text, known, path), vocabulary: known };
}

/** The numbers of a text's characters in a vocabulary. @throws `data.vocabulary`, `data.text-character` */
export function encodeText(
  text: string,
  vocabulary: string,
  name: string,
): { readonly tokens: Uint8Array | Int32Array; readonly classes: number } {
  const classes = checkVocabulary(vocabulary, name);
  const numbers = new Int32Array(LAST_CODE_POINT + 1).fill(-1);
  let next = 0;
  for (const character of vocabulary) numbers[character.codePointAt(0)!] = next++;
  const tokens = classes <= BYTE_CLASSES ? new Uint8Array(text.length) : new Int32Array(text.length);
  let length = 0;
  for (const character of text) {
    const number = numbers[character.codePointAt(0)!]!;
    if (number < 0) throw unknownCharacter(character, length, name);
    tokens[length++] = number;
  }
  return { tokens: tokens.subarray(0, length), classes };
}

/** A character so that a person sees which it is, whatever it does to a terminal. */
function describeCharacter(character: string): string {
  const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character) ? `"${character}" (U+${code})` : `U+${code}`;
}

function unknownCharacter(character: string, offset: number, path: string): Error {
  return fail('data.text-character', { path, offset, character: describeCharacter(character) });
}

/** Decodes UTF-8. @throws `data.text-encoding` naming the first byte that cannot be read */
function decodeText(bytes: Uint8Array, path: string): string {
  // Without `ignoreBOM` the decoder leaves a mark at the start out.
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw fail('data.text-encoding', { path, offset: firstBadByte(bytes) }, { cause });
  }
}

/** The byte at which a decoder gives up: found in pieces, then byte by byte within the piece. */
function firstBadByte(bytes: Uint8Array): number {
  let start = 0;
  // A character may begin in one piece and end in the next, so the search within a piece starts at a character.
  for (let end = DECODING_CHUNK; end < bytes.length; end += DECODING_CHUNK) {
    while ((bytes[end]! & 0xc0) === 0x80 && end > start + 1) end--;
    if (!decodes(bytes.subarray(start, end))) break;
    start = end;
  }
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for (let at = start; at < bytes.length; at++) {
    try {
      decoder.decode(bytes.subarray(at, at + 1), { stream: true });
    } catch {
      return at;
    }
  }
  // Every byte could go on, and then the file ended in the middle of a character.
  return bytes.length;
}

function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
