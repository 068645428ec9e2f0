import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isForbiddenKey, type JsonValue, parseJsonStrict } from '../../src/data/strict-json.js';
import { errorCode } from './helpers.js';

const parse = (input: string | Uint8Array, maxBytes = 1_000_000): JsonValue => parseJsonStrict(input, { maxBytes });

describe('strict JSON', () => {
  test('reads what JSON.stringify writes, like JSON.parse', () => {
    const keys = fc.string({ unit: 'binary' }).filter((key) => !isForbiddenKey(key));
    const values = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constant(null),
        fc.boolean(),
        fc.double(),
        fc.string({ unit: 'binary' }),
        tie('list'),
        tie('map'),
      ),
      list: fc.array(tie('value'), { maxLength: 5 }),
      map: fc.dictionary(keys, tie('value'), { maxKeys: 5 }),
    })).value;
    fc.assert(
      fc.property(values, fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parse(text)).toEqual(JSON.parse(text));
        expect(parse(Buffer.from(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  test('refuses a key given twice, however it is spelt and wherever it stands', () => {
    for (const text of [
      '{"a":1,"a":2}',
      '[{"x":{"a":1 , "\\u0061"\n:2}}]',
      '{"":1,"":1}',
      '{"a":{"b":1},"b":2,"a":3}',
    ]) {
      expect(errorCode(() => parse(text))).toBe('data.json-duplicate-key');
    }
    expect(parse('{"a":{"a":["a","a"]},"b":{"a":"b"}}')).toEqual({ a: { a: ['a', 'a'] }, b: { a: 'b' } });
  });

  test('refuses keys that name a prototype', () => {
    for (const key of ['__proto__', '\\u005f_proto__', 'constructor', 'prototype']) {
      expect(errorCode(() => parse(`{"a":[{"${key}":1}]}`))).toBe('data.json-forbidden-key');
    }
    expect(parse('["__proto__"]')).toEqual(['__proto__']);
  });

  test('refuses text that is too long, too deep or not UTF-8 before parsing it', () => {
    expect(errorCode(() => parse('"äää"', 7))).toBe('data.json-too-large');
    expect(errorCode(() => parse('['.repeat(100_000)))).toBe('data.json-too-deep');
    expect(errorCode(() => parse('{"a":'.repeat(65)))).toBe('data.json-too-deep');
    expect(parse(`${'['.repeat(64)}${']'.repeat(64)}`)).toBeDefined();
    expect(errorCode(() => parse(Uint8Array.of(0x22, 0xff, 0x22)))).toBe('data.json-encoding');
    expect(errorCode(() => parse(Buffer.from('\ufeff{}')))).toBe('data.json-syntax');
  });

  test('takes time in proportion to the text for unfinished strings', () => {
    expect(errorCode(() => parse(`{"${'\\"'.repeat(400_000)}`))).toBe('data.json-syntax');
  });

  test('any text gives what JSON.parse gives, or an error of the catalogue', () => {
    const pieces = fc.array(
      fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', 'a', '1', ' ', '"a"', '"b":', 'null'),
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('');
        const code = errorCode(() => expect(parse(text)).toEqual(JSON.parse(text)));
        if (code !== null) expect(code).toMatch(/^data\.json-(syntax|duplicate-key)$/);
      }),
      { numRuns: 1000 },
    );
  });
});
