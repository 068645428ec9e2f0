/**
 * Vocabularies: the different characters of a text in order of their code points, as one string. Token n stands for
 * its n-th character. A bundle of somebody else holds one, so that its form is checked wherever it is used.
 */
import { fail } from '../errors/index.js';

/** The most characters of a vocabulary. */
export const MAX_VOCABULARY = 2 ** 16;

/**
 * The vocabulary of a text: each character once, ascending.
 *
 * @throws `data.vocabulary` for an empty text and for more characters than {@link MAX_VOCABULARY}
 */
export function vocabularyOf(text: string, name: string): string {
  const found = new Set<number>();
  for (const character of text) found.add(character.codePointAt(0)!);
  if (found.size > MAX_VOCABULARY) throw tooMany(found.size, name);
  const codes = [...found].sort((a, b) => a - b);
  // In pieces: a call takes only so many arguments.
  let vocabulary = '';
  for (const code of codes) vocabulary += String.fromCodePoint(code);
  checkVocabulary(vocabulary, name);
  return vocabulary;
}

/**
 * Checks a vocabulary's form: 2 to 65,536 characters, ascending, none of them half of a surrogate pair.
 *
 * @returns the number of its characters
 * @throws `data.vocabulary`
 */
export function checkVocabulary(vocabulary: string, name: string): number {
  const refuse = (reason: string): Error => fail('data.vocabulary', { name, reason });
  if (vocabulary.length > 2 * MAX_VOCABULARY) throw tooMany(vocabulary.length, name);
  let count = 0;
  let last = -1;
  for (const character of vocabulary) {
    const code = character.codePointAt(0)!;
    if (code >= 0xd800 && code <= 0xdfff) throw refuse(`entry ${count} is half of a surrogate pair`);
    if (code <= last) throw refuse(`entry ${count} does not come after the one before it`);
    last = code;
    count++;
  }
  if (count > MAX_VOCABULARY) throw tooMany(count, name);
  if (count < 2) throw refuse(`it has ${count} different characters, and a model needs at least 2 to learn anything`);
  return count;
}

/** The characters of tokens; a token that stands for nothing becomes U+FFFD. */
export function decodeTokens(tokens: Iterable<number>, vocabulary: string): string {
  const characters = Array.from(vocabulary);
  return Array.from(tokens, (token) => characters[token] ?? '\u{fffd}').join('');
}

function tooMany(count: number, name: string): Error {
  return fail('data.vocabulary', { name, reason: `it has ${count} characters; at most ${MAX_VOCABULARY} are read` });
}
