import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  beacon,
  fault,
  keepPolicy,
  powerOfTwo,
  rowRange,
  shard,
  temperature,
  wholeNumber,
} from '../../commands/parse-values.js';
import { documentOf, gensyn } from './support/verbs.js';

const parsers = { steps: wholeNumber(1), powerOfTwo, keepPolicy, fault, shard, beacon };

describe('option values', () => {
  test.each(['1e3', '0x10', '1.0', ' 7', '7 ', '+7', '-1', '', '07', '1_000', '4294967296', '９', 'NaN', 'Infinity'])(
    'a count is never %j',
    (text) => {
      expect(() => parsers.steps(text)).toThrow('Expected a whole number from 1 to 4294967295.');
    },
  );

  test('a count is every whole number in its range, written plainly', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 0xffffffff }), (value) => parsers.steps(String(value)) === value));
  });

  test('the message says what was given', async () => {
    const fake = await gensyn('train j --out o --steps 1e3');
    expect(fake.stderr()).toContain("'1e3'");
    expect(fake.stderr()).toContain('--steps <n>');
  });

  test.each(['0', '3', '6', '4294967296', '1.0', 'two'])('%s is no power of two', (text) => {
    expect(() => powerOfTwo(text)).toThrow('power of two');
  });

  test('every power of two up to 2^31 is one', () => {
    for (let exponent = 0; exponent < 32; exponent++) expect(powerOfTwo(String(2 ** exponent))).toBe(2 ** exponent);
  });

  test('rows are one, or two ends that are both included', () => {
    expect(rowRange('7')).toEqual({ first: 7, last: 7 });
    expect(rowRange('0..9')).toEqual({ first: 0, last: 9 });
    for (const text of ['', '..', '1..', '..1', '3..2', '1...3', '1..2..3', '1-3', 'a..b', '0..4294967296', '01..2']) {
      expect(() => rowRange(text)).toThrow('i..j');
    }
  });

  test('a temperature is 0 or a plain decimal that can be divided by', () => {
    expect(['0', '0.0', '0.01', '0.8', '1', '100'].map(temperature)).toEqual([0, 0, 0.01, 0.8, 1, 100]);
    for (const text of ['', '-1', '0.001', '101', '1e-1', '.5', 'NaN', 'Infinity', '1,5', ' 1']) {
      expect(() => temperature(text)).toThrow('0.01 to 100');
    }
  });

  test('a fault is four numbers', () => {
    expect(fault('412,7,0,31')).toEqual({ step: 412, operator: 7, element: 0, bit: 31 });
    for (const text of ['1,2,3', '1,2,3,32', '1,2,3,4,5', '1,,3,4', 'a,b,c,d', '1;2;3;4']) {
      expect(() => fault(text)).toThrow('step,operator,element,bit');
    }
  });

  test('a shard is one of as many', () => {
    expect(shard('2/4')).toEqual({ index: 2, count: 4 });
    for (const text of ['0/4', '5/4', '1', '1/', '/4', '1/2/3', '1/0']) expect(() => shard(text)).toThrow('i/n');
  });

  test('a beacon has at least 16 bytes and is spelled one way', () => {
    expect(beacon('0xABCDEF00112233445566778899aabbcc')).toBe('0xabcdef00112233445566778899aabbcc');
    expect(beacon('abcdef00112233445566778899aabbcc')).toBe('0xabcdef00112233445566778899aabbcc');
    for (const text of ['0x', '0x00', 'zz'.repeat(16), '0'.repeat(33)])
      expect(() => beacon(text)).toThrow('randomness');
  });

  test('checkpoints to keep are all, the last, or a number of them', () => {
    expect([keepPolicy('all'), keepPolicy('last'), keepPolicy('3')]).toEqual(['all', 1, 3]);
    for (const text of ['0', 'none', '1e1', '']) expect(() => keepPolicy(text)).toThrow("'all', 'last'");
  });

  test('no text makes a parser do anything but answer or refuse', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...Object.values(parsers)), (text, parse) => {
        try {
          return parse(text) !== undefined;
        } catch (error) {
          return (error as { code?: string }).code === 'commander.invalidArgument';
        }
      }),
    );
  });
});

describe('commands hand their options on', () => {
  test('train', async () => {
    const line =
      'train job.json --out runs/x --steps 64 --checkpoint-every 8 --keep last --threads 2 --inject-fault 1,2,3,4';
    expect(documentOf(await gensyn(`${line} --backend wasm --json`)).result).toEqual({
      job: 'job.json',
      out: 'runs/x',
      steps: 64,
      checkpointEvery: 8,
      keep: 1,
      threads: 2,
      backend: 'wasm',
      injectFault: { step: 1, operator: 2, element: 3, bit: 4 },
    });
  });

  test('verify', async () => {
    expect(documentOf(await gensyn('verify runs/x --shard 2/4 --threads 1 --json')).result).toEqual({
      run: 'runs/x',
      shard: { index: 2, count: 4 },
      threads: 1,
      format: 'json',
    });
    const beacon = 'ab'.repeat(32);
    expect(documentOf(await gensyn(`verify r --sample 8 --beacon ${beacon} --format json`)).result).toMatchObject({
      sample: 8,
      beacon: `0x${beacon}`,
    });
    expect(documentOf(await gensyn('verify r --merge a.json b.json --json')).result).toMatchObject({
      merge: ['a.json', 'b.json'],
    });
  });

  test('verify writes the report in the form that was asked for', async () => {
    const seen: unknown[] = [];
    for (const form of ['text', 'junit', 'github']) {
      await gensyn(`verify r --format ${form}`, async (options) => {
        seen.push((options as { format?: unknown }).format);
        return { result: {}, text: '' };
      });
    }
    expect(seen).toEqual(['text', 'junit', 'github']);
  });
});
