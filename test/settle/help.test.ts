import { describe, expect, test } from '@jest/globals';
import { documentOf, gensyn } from '../house/support/verbs.js';

const STAKING = ['deploy', 'post', 'take', 'claim'];
const SENDING = [...STAKING, 'finalize', 'collect', 'withdraw', 'cancel', 'expire'];
const ALL = [...SENDING, 'status', 'quote'];

describe('help of settle', () => {
  test.each(ALL)('%s says what it takes, in lines of at most 100', async (name) => {
    const { stdout, exitCode } = await gensyn(`settle ${name} --help`);
    expect(exitCode()).toBe(0);
    const options = [...stdout().matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option);
    expect(options).toEqual(expect.arrayContaining(['--rpc-url', '--deployments', '--json']));
    for (const option of ['--keystore', '--unlocked', '--confirmations', '--dry-run']) {
      expect(options.includes(option)).toBe(SENDING.includes(name));
    }
    expect(options.includes('--yes')).toBe(STAKING.includes(name));
    expect(
      Math.max(
        ...stdout()
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(100);
  });

  test('settle alone lists them', async () => {
    const { stderr, exitCode } = await gensyn('settle');
    expect(exitCode()).toBe(2);
    for (const name of ALL) expect(stderr()).toMatch(new RegExp(`^  ${name} `, 'm'));
  });
});

describe('options of settle', () => {
  const optionsOf = async (line: string) => documentOf(await gensyn(`settle ${line} --json`)).result;

  test('post has terms that fit a public chain', async () => {
    expect(await optionsOf('post job.json --reward 1.5')).toEqual({
      job: 'job.json',
      reward: '1.5',
      minBond: '0',
      window: 86_400,
      clock: 14_400,
      trainTime: 21_600,
      openUntil: 604_800,
      deployments: 'deployments',
    });
  });

  test('deploy has the limits of docs/settle.md', async () => {
    expect(await optionsOf('deploy')).toMatchObject({ minClock: 3600, minWindow: 21_600, burnPercent: 50 });
  });

  test('numbers are exact beyond 2^53', async () => {
    const id = '9007199254740993';
    expect(await optionsOf(`take ${id} --job j`)).toMatchObject({ id });
    expect(await optionsOf(`status ${id}`)).toMatchObject({ job: id });
    expect(await optionsOf(`quote ${id}`)).toMatchObject({ job: id, role: 'solver' });
  });

  test.each([
    ['take 1', 'command.usage'],
    ['take one --job j', 'command.usage'],
    ['post', 'command.usage'],
    ['post j --window 1w', 'command.usage'],
    ['claim', 'command.usage'],
    ['claim r --skip-verify', 'command.usage'],
    ['quote 1 --role banker', 'command.usage'],
    ['status 1 --claim 1', 'command.conflict'],
    ['finalise 1', 'command.typo'],
  ])('"gensyn settle %s" is a usage error', async (line, code) => {
    const fake = await gensyn(`settle ${line} --json`);
    expect([fake.exitCode(), documentOf(fake).error?.code]).toEqual([2, code]);
  });
});
