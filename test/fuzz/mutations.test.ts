import { describe, expect, test } from '@jest/globals';
import { mutateBytes } from '../../scripts/fuzz/mutate-bytes.js';
import { mutateJson } from '../../scripts/fuzz/mutate-json.js';
import { mutateValue, showValue } from '../../scripts/fuzz/mutate-value.js';
import { createRandom } from '../referee/random-operators.js';

const DOCUMENT = { schema: 'x/1', list: [1, { deep: ['0xab', null] }], flag: true };
const SAMPLES = [JSON.stringify(DOCUMENT), '[1,2]'].map((text) => new Uint8Array(Buffer.from(text)));

/** What a thousand mutations give. */
function thousand(mutate: (seed: number) => Uint8Array): string[] {
  return Array.from({ length: 1000 }, (_, seed) => Buffer.from(mutate(seed)).toString('latin1'));
}

describe('mutations', () => {
  test.each([
    ['bytes', mutateBytes],
    ['JSON', mutateJson],
  ])('of %s are the same for the same seed, many, and leave the samples as they are', (_form, mutate) => {
    const before = SAMPLES.map((sample) => sample.slice());
    const [one, two] = [1, 2].map(() => thousand((seed) => mutate(createRandom(seed), SAMPLES)));
    expect(one).toEqual(two);
    expect(new Set(one).size).toBeGreaterThan(500);
    expect(SAMPLES).toEqual(before);
  });

  test('of JSON are proper documents mostly, and also what only hostile writers write', () => {
    const texts = thousand((seed) => mutateJson(createRandom(seed), SAMPLES));
    const proper = texts.filter((text) => {
      try {
        return JSON.parse(text) !== undefined;
      } catch {
        return false;
      }
    });
    expect(proper.length).toBeGreaterThan(500);
    expect(proper.length).toBeLessThan(1000);
    for (const piece of ['"__proto__":', '[[[[[[', '1e999', '\\ud800', 'xxxxxxxxxx', '"schema":"x/1","list"']) {
      expect(texts.some((text) => text.includes(piece))).toBe(true);
    }
    const twice = /"(\w+)":[^{}[\]]*,"\1":/;
    expect(texts.some((text) => twice.test(text))).toBe(true);
  });

  test('of values reach every depth and leave the value as it is', () => {
    const before = structuredClone(DOCUMENT);
    const changed = Array.from({ length: 500 }, (_, seed) => mutateValue(createRandom(seed), DOCUMENT));
    expect(DOCUMENT).toEqual(before);
    const deep = (value: unknown): unknown => (value as typeof DOCUMENT | undefined)?.list?.[1];
    expect(changed.some((value) => typeof value !== 'object')).toBe(true);
    expect(changed.filter((value) => showValue(deep(value)) !== showValue(deep(DOCUMENT))).length).toBeGreaterThan(50);
  });
});
