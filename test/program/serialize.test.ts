import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keccak256Text } from '../../src/commitments/keccak.js';
import { isGensynError } from '../../src/errors/index.js';
import { programHash } from '../../src/program/hash.js';
import { parseProgram, serializeProgram } from '../../src/program/serialize.js';
import { largeProgram, sampleProgram } from './sample-program.js';

const text = serializeProgram(sampleProgram());

describe('the text of a program', () => {
  test('gives the same program and the same text again', () => {
    const parsed = parseProgram(text);
    expect(parsed).toEqual(sampleProgram());
    expect(serializeProgram(parsed)).toBe(text);
    const hashes = [keccak256Text('images')];
    expect(programHash(parsed, hashes)).toEqual(programHash(sampleProgram(), hashes));
  });

  test('holds equal definitions once', () => {
    const program = largeProgram(1500, 20);
    const large = serializeProgram(program);
    expect(large.match(/"kind":/g)).toHaveLength(21);
    expect(large.length).toBeLessThan(1500 * 80);
    const parsed = parseProgram(large);
    expect(parsed.operators[0]!.operator).toBe(parsed.operators[20]!.operator);
    expect(parsed).toEqual(program);
  });

  test('of 20,000 operators is written and read in less than two seconds', () => {
    const program = largeProgram(20_000, 2_000);
    const start = performance.now();
    const written = serializeProgram(program);
    parseProgram(written);
    const milliseconds = performance.now() - start;
    if (process.env['FUZZ_VERBOSE'] !== undefined)
      console.log(`${Math.round(milliseconds)} ms, ${written.length} characters`);
    // The bound for a quiet machine is 2 s; a shared one gets three times as long.
    expect(milliseconds).toBeLessThan(6_000);
  });

  test.each([
    ['a key that stands twice', text.replace('"arithmeticVersion":1', '"arithmeticVersion":1,"arithmeticVersion":1')],
    ['a prototype key', text.replace('{"schema"', '{"__proto__":{},"schema"')],
    ['an unknown key', text.replace('{"schema"', '{"extra":1,"schema"')],
    ['an unknown key in a definition', text.replace('{"kind"', '{"extra":1,"kind"')],
    ['a missing key', text.replace(/"constants":\[[^:]*\],\n"def/, '"def')],
    ['other white space', text.replace(',\n', ', \n')],
    ['another spelling of a number', text.replace('"arithmeticVersion":1', '"arithmeticVersion":1.0')],
    ['another schema', text.replace('program/1', 'program/2')],
    ['a definition that nobody uses', text.replace(/"definitions":\[\n(\{.*\}),\n/, '"definitions":[\n$1,\n$1,\n')],
    ['an instruction that is a property of every object', text.replace('["fadd"', '["toString"')],
    ['a fraction', text.replace('["acc","f32",[],0]', '["acc","f32",[],0.5]')],
    ['a result that would reach a prototype', text.replace('["loss",2]', '["__proto__",2]')],
    ['nothing', ''],
    ['deep nesting', '['.repeat(1_000_000)],
    ['a list', '[]'],
    ['null', 'null'],
  ])('is refused with %s', (_, hostile) => {
    expect(hostile).not.toBe(text);
    expect(() => parseProgram(hostile)).toThrow(/cannot be read|is not valid/);
  });

  test('whatever is changed in it, is read as a valid program or refused with an error of the catalogue', () => {
    const pieces = [
      '0',
      '-1',
      '4294967295',
      '4294967296',
      '1e999',
      '""',
      'null',
      '[]',
      '{}',
      '"f32"',
      '"i32"',
      ',',
      '"',
      '\\ud800',
      '3',
      '[[',
      '"result"',
    ];
    fc.assert(
      fc.property(
        fc.nat(text.length),
        fc.nat(12),
        fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })),
        (at, length, piece) => {
          const mutated = text.slice(0, at) + piece + text.slice(at + length);
          try {
            expect(serializeProgram(parseProgram(mutated))).toBe(mutated);
          } catch (error) {
            if (!isGensynError(error)) throw error;
            expect(error.code).toMatch(/^program\./);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('with any value in the place of any other, is never read as something else', () => {
    const values = [null, -1, 0, 1, 7, 2 ** 32, 2 ** 53, 0.5, '', 'f32', 'load', '__proto__', [], [0], {}, true];
    const document = JSON.parse(text) as unknown;
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(...values), (seed, value) => {
        const mutated = replaceSomewhere(document, seed, value);
        try {
          parseProgram(JSON.stringify(mutated));
        } catch (error) {
          if (!isGensynError(error)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});

/** A copy of a document with the value at some place replaced. */
function replaceSomewhere(document: unknown, seed: number, value: unknown): unknown {
  if (typeof document !== 'object' || document === null) return value;
  const keys = Object.keys(document);
  if (keys.length === 0 || seed % 7 === 6) return value;
  const key = keys[seed % keys.length]!;
  const child = replaceSomewhere((document as Record<string, unknown>)[key], Math.floor(seed / keys.length), value);
  return Array.isArray(document) ? document.with(Number(key), child) : { ...document, [key]: child };
}
