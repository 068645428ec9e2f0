/** Every target once: its samples are accepted, its generator works, its rule holds for the first inputs. */
import { describe, expect, test } from '@jest/globals';
import { targetsOf } from '../../scripts/fuzz/groups.js';
import { runTarget } from '../../scripts/fuzz/run-target.js';
import type { Group } from '../../scripts/fuzz/target.js';

/** Milliseconds of each target. The referee's targets start a chain each; their subject has tests of its own. */
const TIMES: readonly (readonly [Group, number])[] = [
  ['parsers', 150],
  ['program', 300],
  ['operators', 300],
  ['game', 300],
  ['cli', 500],
];

describe.each(TIMES)('%s', (group, milliseconds) => {
  test('keep their rules', async () => {
    const targets = await targetsOf(group);
    expect(targets.length).toBeGreaterThan(1);
    for (const target of targets) {
      const { findings, inputs, accepted, refused } = await runTarget({ group, target, seed: 20, milliseconds });
      expect(findings.map(({ target: name, input, problem }) => `${name}, input ${input}: ${problem}`)).toEqual([]);
      expect(accepted + refused).toBe(inputs);
    }
  });
});

test('names are unique, and one target can be asked for', async () => {
  const names = (await targetsOf('parsers')).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(await targetsOf('parsers', 'npy')).toHaveLength(1);
  expect(await targetsOf('parsers', 'nothing')).toEqual([]);
});
