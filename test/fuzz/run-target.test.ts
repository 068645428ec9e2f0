import { describe, expect, test } from '@jest/globals';
import { refused } from '../../scripts/fuzz/outcome.js';
import { parserTarget } from '../../scripts/fuzz/parser-target.js';
import { runTarget } from '../../scripts/fuzz/run-target.js';
import { type Bounds, defineTarget, type Fuzzer } from '../../scripts/fuzz/target.js';
import { parseJsonStrict } from '../../src/data/strict-json.js';
import { fail } from '../../src/errors/index.js';

/** Inputs are numbers below 1000; what becomes of one is the test's to say. */
function numbers(check: Fuzzer<number>['check'], bounds: Bounds = {}, made: number[] = []) {
  const make: Fuzzer<number>['make'] = (random) => {
    made.push(random.below(1000));
    return made.at(-1)!;
  };
  return defineTarget<number>({ name: 'numbers', bounds, open: async () => ({ make, check, show: String }) });
}

const run = (target: Parameters<typeof runTarget>[0]['target'], more: object = {}) =>
  runTarget({ group: 'test', target, seed: 4, milliseconds: 20, ...more });

describe('a target', () => {
  test('gets the same inputs for the same seed, others for another, and any one of them alone', async () => {
    const inputs = async (more: object): Promise<number[]> => {
      const made: number[] = [];
      await run(
        numbers(() => 'accepted', {}, made),
        more,
      );
      return made;
    };
    const [one, again, other] = [await inputs({}), await inputs({}), await inputs({ seed: 5 })];
    const common = Math.min(one.length, again.length);
    expect(common).toBeGreaterThan(20);
    expect(again.slice(0, common)).toEqual(one.slice(0, common));
    expect(other.slice(0, 20)).not.toEqual(one.slice(0, 20));
    expect(await inputs({ only: 17 })).toEqual([one[17]]);
  });

  test('is tried once although no time is left', async () => {
    expect(
      await run(
        numbers(() => 'refused'),
        { milliseconds: 0 },
      ),
    ).toMatchObject({ inputs: 1, refused: 1 });
  });

  test('that throws is a finding that names the input, and ends after five of them', async () => {
    const { findings, accepted } = await run(
      numbers((input) => {
        if (input % 2 === 1) throw new TypeError(`odd ${input}`, { cause: new Error('deep') });
        return 'accepted';
      }),
      { milliseconds: 60_000 },
    );
    expect(findings).toHaveLength(5);
    expect(accepted).toBeGreaterThan(0);
    const { content, problem, detail } = findings[0]!;
    expect(problem).toBe(`TypeError: odd ${Buffer.from(content, 'base64').toString()}`);
    expect(detail).toContain('caused by: Error: deep');
  });

  test('that is slow every time, or takes memory, is a finding; one that is slow once is none', async () => {
    const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
    const slow = numbers(() => wait(60).then(() => 'accepted' as const), { milliseconds: 20 });
    expect((await run(slow, { only: 0 })).findings[0]?.problem).toContain('the bound is 20 ms');
    let first = true;
    const once = numbers(
      async () => {
        if (first) await wait(3000);
        first = false;
        return 'accepted' as const;
      },
      { milliseconds: 2000 },
    );
    expect((await run(once, { only: 0 })).findings).toEqual([]);
    const kept: Uint8Array[] = [];
    const large = numbers(() => (kept.push(new Uint8Array(1 << 24)) > 0 ? 'accepted' : 'refused'), { bytes: 1 << 20 });
    expect((await run(large, { only: 0 })).findings[0]?.problem).toContain('bytes of memory');
  });
});

describe('a parser', () => {
  const sample = new Uint8Array(Buffer.from('{"a":[1,2]}'));
  const parser = (parse: (bytes: Uint8Array) => unknown, write?: (value: unknown) => string, canonical = false) =>
    run(
      parserTarget('json', () => ({
        form: 'json' as const,
        samples: [sample],
        parse,
        canonical,
        ...(write && { write }),
      })),
      { milliseconds: 2000 },
    );
  const problems = async (result: ReturnType<typeof parser>) => (await result).findings.map(({ problem }) => problem);
  const strict = (bytes: Uint8Array): unknown => parseJsonStrict(bytes, { maxBytes: 1 << 20 });

  test('that lets an exception of its own through is found', async () => {
    expect((await problems(parser((bytes) => JSON.parse(Buffer.from(bytes).toString()))))[0]).toMatch(/^SyntaxError/);
  });

  test('that reads a value that it does not write is found', async () => {
    const forgetful = (value: unknown): string =>
      JSON.stringify(value, (key, field) => (key === 'x' ? undefined : field));
    expect((await problems(parser(strict, forgetful)))[0]).toContain('another value');
  });

  test('that takes a second spelling where there is one is found', async () => {
    expect((await problems(parser(strict, (value) => JSON.stringify(value), true)))[0]).toContain('another spelling');
  });

  test('may refuse with the catalogue only, and not with a mistake of our own or half a sentence', () => {
    expect(refused(fail('data.json-syntax', { name: 'x', reason: 'undefined key' }))).toBe('refused');
    expect(() => refused(fail('command.internal', { version: '1', problem: 'x' }))).toThrow('a mistake of our own');
    expect(() => refused(fail('data.json-syntax', { name: 'x', reason: 'undefined' }))).toThrow(
      'says nothing for reason',
    );
    expect(() => refused(new RangeError('Invalid array length'))).toThrow(RangeError);
  });
});
