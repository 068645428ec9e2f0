import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeText, parseText } from '../../src/data/text.js';
import { checkVocabulary, decodeTokens, vocabularyOf } from '../../src/data/vocabulary.js';
import { errorOf } from './helpers.js';

const characters = (bytes: Uint8Array) => parseText(bytes, 'text.txt', { unit: 'character' });
const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const refusal = (action: () => unknown) => errorOf((async () => action())());

/** Texts of all planes, with at least two different characters. */
const texts = fc
  .string({ unit: 'binary', maxLength: 60 })
  .map((text) => `b${text}a`)
  .filter((text) => !text.startsWith('\u{feff}'));

describe('a text of characters', () => {
  test('is what its tokens and its vocabulary say', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const { tokens, vocabulary, classes } = characters(utf8(text));
        expect(decodeTokens(tokens, vocabulary!)).toBe(text);
        expect(classes).toBe(new Set(text).size);
        expect(tokens).toHaveLength(Array.from(text).length);
      }),
    );
  });

  test('has a vocabulary that follows from its set of characters alone, in order of code points', () => {
    fc.assert(
      fc.property(texts, fc.integer(), (text, salt) => {
        const shuffled = Array.from(text + text).sort(
          (a, b) => ((a.codePointAt(0)! * salt) % 7) - (b.codePointAt(0)! % 5),
        );
        expect(vocabularyOf(shuffled.join(''), 'text')).toBe(vocabularyOf(text, 'text'));
        const codes = Array.from(vocabularyOf(text, 'text'), (character) => character.codePointAt(0)!);
        expect(codes).toEqual([...new Set(codes)].sort((a, b) => a - b));
      }),
    );
  });

  test('keeps line ends and everything else as they are, except a byte order mark in front', () => {
    expect(characters(utf8('\u{feff}a\r\nb\u{feff}')).vocabulary).toBe('\n\rab\u{feff}');
    expect(Array.from(characters(utf8('\u{feff}ba')).tokens)).toEqual([1, 0]);
  });

  test('has tokens of one byte up to 256 characters, and of a word beyond', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, at) => String.fromCodePoint(0x4e00 + at)).join('');
    expect(characters(utf8(many(256))).tokens).toBeInstanceOf(Uint8Array);
    const { tokens, classes } = characters(utf8(many(257)));
    expect(tokens).toBeInstanceOf(Int32Array);
    expect([tokens.at(-1), classes]).toEqual([256, 257]);
  });

  test('that is not UTF-8 is refused with the byte at which it stops being', async () => {
    await fc.assert(
      fc.asyncProperty(texts, texts, async (before, after) => {
        const bytes = Buffer.concat([utf8(before), Uint8Array.of(0xff), utf8(after)]);
        const found = await refusal(() => characters(bytes));
        expect(found?.code).toBe('data.text-encoding');
        expect(found?.message).toContain(`at byte ${utf8(before).length}.`);
      }),
    );
  });

  test.each([
    ['in the second piece of a long file', 70_000, 70_000],
    ['where a character crosses the pieces', 65_535, 65_535],
  ])('the byte is found %s', async (_where, length, offset) => {
    const found = await refusal(() => characters(Buffer.concat([utf8('é'.repeat(length)), Uint8Array.of(0xc3, 0x41)])));
    expect(found?.message).toContain(`at byte ${2 * offset + 1}.`);
  });

  test('a file that ends in the middle of a character is refused at its end', async () => {
    expect((await refusal(() => characters(utf8('abc€').subarray(0, 5))))?.message).toContain('at byte 5.');
  });

  test.each([
    ['empty', ''],
    ['all one character', 'aaaa'],
  ])('that is %s teaches nothing', async (_what, text) => {
    expect((await refusal(() => characters(utf8(text))))?.code).toBe('data.vocabulary');
  });

  test('any bytes are a text or refused by name', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const found = await refusal(() => characters(bytes));
        expect([undefined, 'data.text-encoding', 'data.vocabulary']).toContain(found?.code);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a text of bytes', () => {
  test('is every byte of the file, and knows 256 of them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const { tokens, vocabulary, classes } = parseText(bytes, 'data.bin', { unit: 'byte' });
        expect([Array.from(tokens), vocabulary, classes]).toEqual([Array.from(bytes), null, 256]);
      }),
    );
  });
});

describe('a vocabulary', () => {
  test('of another text refuses characters it does not have, with character and place', async () => {
    const held = (text: string) => parseText(utf8(text), 'test.txt', { unit: 'character', vocabulary: 'abc' });
    expect(Array.from(held('cab').tokens)).toEqual([2, 0, 1]);
    expect((await refusal(() => held('ab😀d')))?.message).toContain('Character 2 of test.txt is "😀" (U+1F600)');
    // A terminal must not be told what to do.
    expect((await refusal(() => held('a\u{1b}[2J')))?.message).toContain('Character 1 of test.txt is U+001B');
    expect((await refusal(() => held('a\u{202e}')))?.message).toContain('U+202E');
  });

  test.each([
    ['not in order', 'ba'],
    ['with a character twice', 'aab'],
    ['with half of a surrogate pair', 'a\u{d800}'],
    ['of one character', 'a'],
    ['of none', ''],
    ['with more characters than anybody needs', 'a'.repeat(200_000)],
  ])('%s is refused', async (_what, vocabulary) => {
    expect((await refusal(() => checkVocabulary(vocabulary, 'the bundle')))?.code).toBe('data.vocabulary');
    expect((await refusal(() => encodeText('a', vocabulary, 'the prompt')))?.code).toBe('data.vocabulary');
  });

  test('of any text passes its own check, and a token beyond it is no character', () => {
    fc.assert(fc.property(texts, (text) => checkVocabulary(vocabularyOf(text, 'text'), 'text') === new Set(text).size));
    expect(decodeTokens([0, 1, 2, -1], 'ab')).toBe('ab\u{fffd}\u{fffd}');
  });
});
