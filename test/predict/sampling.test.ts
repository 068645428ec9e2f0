import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { defaultPrompt, draw, generateText, likeliest } from '../../src/run/generate-text.js';
import { languageMetrics } from '../../src/run/language-metrics.js';
import type { Predictor } from '../../src/run/predictor.js';
import { errorCode } from '../data/helpers.js';

const shares = fc
  .array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 })
  .filter((values) => values.some((value) => value > 2 ** -20))
  .map((values) => Float32Array.from(values));

describe('a draw', () => {
  test('falls into the share that holds it', () => {
    const quarters = Float32Array.of(0.25, 0, 0.5, 0.25);
    const places = [0, 0.2499, 0.25, 0.7499, 0.75, 0.9999];
    expect(places.map((at) => draw(quarters, at))).toEqual([0, 0, 2, 2, 3, 3]);
  });

  test('never takes a token that has no share, and follows the order of the tokens', () => {
    const at = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(shares, at, at, (values, first, second) => {
        const [low, high] = [Math.min(first, second), Math.max(first, second)].map((place) => draw(values, place));
        expect(values[low!]).toBeGreaterThan(0);
        expect(values[high!]).toBeGreaterThan(0);
        expect(low).toBeLessThanOrEqual(high!);
      }),
    );
  });

  test('needs no sum of one: shares are relative', () => {
    fc.assert(
      fc.property(shares, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (values, at) => {
        expect(
          draw(
            values.map((value) => value * 4),
            at,
          ),
        ).toBe(draw(values, at));
      }),
    );
  });

  test('greedy is the first of the largest', () => {
    expect(likeliest(Float32Array.of(0.1, 0.4, 0.4, 0.1))).toBe(1);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -0.5])('of %d is refused', (value) => {
    expect(errorCode(() => draw(Float32Array.of(0.5, value), 0.1))).toBe('predict.not-finite');
    expect(errorCode(() => likeliest(Float32Array.of(value, 0.5)))).toBe('predict.not-finite');
  });
});

describe('a generated text', () => {
  const length = 4;
  /** Says at each place that the token after it in the alphabet follows, and notes what it was asked. */
  function alphabet(asked: number[][]): Predictor {
    const classes = 5;
    return {
      prediction: { meaning: { kind: 'text', vocabulary: 'abcde' } } as Predictor['prediction'],
      rows: 1,
      inputSize: length,
      outputSize: length * classes,
      classes,
      ask: async (values) => {
        asked.push([...values]);
        const answer = new Float32Array(length * classes);
        values.forEach((token, place) => {
          answer[place * classes + ((token + 1) % classes)] = 1;
        });
        return answer;
      },
      dispose: async () => undefined,
    };
  }
  const generate = (prompt: string, tokens: number, asked: number[][] = []) =>
    generateText({ predictor: alphabet(asked), vocabulary: 'abcde', prompt, tokens, temperature: 1, seed: 1 });

  test('goes on from a prompt of any length: the window slides, and a short one starts at its first place', async () => {
    const asked: number[][] = [];
    expect(await generate('a', 6, asked)).toBe('bcdeab');
    expect(asked[0]).toEqual([0, 0, 0, 0]);
    expect(asked[2]).toEqual([0, 1, 2, 0]);
    expect(asked[5]).toEqual([2, 3, 4, 0]);
    expect(await generate('eeeeeeab', 3)).toBe('cde');
  });

  test('needs a prompt of known characters', async () => {
    await expect(generate('', 1)).rejects.toMatchObject({ code: 'predict.prompt' });
    await expect(generate('abx', 1)).rejects.toMatchObject({ code: 'data.text-character' });
  });

  test('starts with a new line where nobody says how, or with what there is', () => {
    expect([defaultPrompt('\nab'), defaultPrompt('ab'), defaultPrompt(null)]).toEqual(['\n', 'a', '\n']);
  });

  test('ends when it is interrupted', async () => {
    const signal = AbortSignal.abort();
    const asked = generateText({
      predictor: alphabet([]),
      vocabulary: 'abcde',
      prompt: 'a',
      tokens: 1000,
      temperature: 1,
      seed: 1,
      signal,
    });
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  });
});

test('a loss of ln 2 is one bit and a choice of two', () => {
  expect(languageMetrics(Math.LN2)).toEqual({ bitsPerToken: 1, perplexity: 2 });
  expect(languageMetrics(0)).toEqual({ bitsPerToken: 0, perplexity: 1 });
});
