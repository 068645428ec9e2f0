import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { readOptions, UsageError } from '../../scripts/fuzz/options.js';
import { reproduction } from '../../scripts/fuzz/report.js';

const MAIN = fileURLToPath(new URL('../../scripts/fuzz/main.js', import.meta.url));
const fuzz = (...args: string[]) => spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });

describe('npm run fuzz', () => {
  test('runs a target in a process of its own and says what it did', () => {
    const { status, stdout } = fuzz('--only', 'parsers/npy', '--seconds', '1', '--json');
    const { schema, targets, files } = JSON.parse(stdout) as { schema: string; targets: object[]; files: string[] };
    expect([status, schema, files]).toEqual([0, 'gensyn.fuzz/1', []]);
    expect(targets).toMatchObject([{ group: 'parsers', target: 'npy', findings: [] }]);
  });

  test('makes one input again', () => {
    const { status, stdout } = fuzz('--only', 'program/round-trip', '--seed', '9', '--input', '3');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^group +target +inputs +accepted +refused +inputs\/s +findings\nprogram +round-trip +1 +1 +0 /,
    );
  });

  test('refuses options that it does not know', () => {
    for (const args of [['--only', 'nothing'], ['--seconds', '-1'], ['--bogus'], ['--only', 'parsers/nothing']]) {
      const { status, stderr } = fuzz(...args);
      expect([status, /^error: .+\n\nUsage: /m.test(stderr)]).toEqual([2, true]);
    }
  });
});

test('options', () => {
  expect(readOptions([])).toMatchObject({ seconds: 60, seed: 1, json: false, out: 'fuzz-findings' });
  expect(readOptions(['--only', 'cli, game/random-moves'])?.only).toEqual([
    { group: 'cli' },
    { group: 'game', target: 'random-moves' },
  ]);
  expect(readOptions(['--help'])).toBeNull();
  expect(() => readOptions(['--input', 'x'])).toThrow(UsageError);
});

test('a finding is made again by the command that it names', () => {
  const finding = { group: 'cli', target: 'commands', seed: 7, input: 12, problem: '', detail: '', content: '' };
  const words = reproduction(finding).replace('npm run fuzz -- ', '').split(' ');
  expect(readOptions(words)).toMatchObject({ only: [{ group: 'cli', target: 'commands' }], seed: 7, input: 12 });
});
