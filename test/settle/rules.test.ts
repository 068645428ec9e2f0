import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { date, moment, span, tokens } from '../../commands/actions/settle/text.js';
import { address, amount, chainNumber, duration } from '../../commands/settle/parse.js';
import { type ClaimRecord, claimRecordPath, readClaimRecord, writeClaimRecord } from '../../src/chain/claim-record.js';
import { ETHER, type Terms } from '../../src/chain/terms.js';
import {
  brokenTerms,
  clientDoubts,
  doubtsAbout,
  LONGEST_SECONDS,
  recommendedClock,
} from '../../src/chain/terms-check.js';
import { zeroHash } from '../../src/commitments/hash.js';

const LIMITS = { minClock: 600, minWindow: 3600, solverGas: 1, challengerGas: 1, burnPercent: 50 };
const FAIR: Terms = {
  program: zeroHash(),
  genesis: zeroHash(),
  token: ETHER,
  steps: 1024,
  window: 86_400,
  clock: 14_400,
  reward: 0n,
  minBond: 0n,
  trainTime: 21_600,
  openUntil: 2000,
  checkpointLog2: 5,
};

describe('terms', () => {
  test('that are fair break no rule and raise no doubt', () => {
    expect(brokenTerms(LIMITS, FAIR, 1000)).toEqual([]);
    expect(doubtsAbout(FAIR, 12)).toEqual([]);
    expect(clientDoubts({ ...FAIR, reward: 5n, minBond: 5n }, 12)).toEqual([]);
  });

  test.each(['window', 'clock', 'trainTime'] as const)(
    'have a floor and a ceiling for %s, and both count as fair',
    (term) => {
      const floor = term === 'window' ? LIMITS.minWindow : LIMITS.minClock;
      const broken = (seconds: number) =>
        brokenTerms(LIMITS, { ...FAIR, [term]: seconds }, 1000).map((bad) => bad.term);
      for (const seconds of [floor, LONGEST_SECONDS]) expect(broken(seconds)).toEqual([]);
      for (const seconds of [0, floor - 1, LONGEST_SECONDS + 1, 0xffffffff]) expect(broken(seconds)).toEqual([term]);
    },
  );

  test('may be accepted up to the last second', () => {
    expect(brokenTerms(LIMITS, FAIR, FAIR.openUntil)).toEqual([]);
    expect(brokenTerms(LIMITS, FAIR, FAIR.openUntil + 1).map(({ term }) => term)).toEqual(['openUntil']);
  });

  test('need a clock for the moves of a game and for replays of intervals', () => {
    // 32 intervals: eight replays of one each are a quarter of the training; 48 blocks come on top.
    expect(recommendedClock(FAIR, 12)).toBe(21_600 / 4 + 48 * 12);
    const clock = recommendedClock(FAIR, 12);
    expect(doubtsAbout({ ...FAIR, clock }, 12)).toEqual([]);
    expect(doubtsAbout({ ...FAIR, clock: clock - 1 }, 12)).toHaveLength(1);
  });

  test('are doubtful for a client whose reward is above the bond', () => {
    expect(clientDoubts({ ...FAIR, reward: 5n, minBond: 4n }, 12)).toHaveLength(1);
  });
});

describe('values on the command line', () => {
  test.each([
    ['90s', 90],
    ['30m', 1800],
    ['2h', 7200],
    ['1d', 86_400],
    ['1d2h3m4s', 93_784],
  ])('%s is a duration', (text, seconds) => expect(duration(text)).toBe(seconds));

  test.each(['', '1', '1.5h', '-1h', '0s', '2h1d', '1h 30m', '1w', '49711d', '99999999999s'])('"%s" is none', (text) =>
    expect(() => duration(text)).toThrow(/duration/),
  );

  test('durations and spans are inverse for whole units', () => {
    const units = fc.constantFrom(['s', 's', 59] as const, ['m', 'min', 59] as const, ['h', 'h', 23] as const);
    fc.assert(
      fc.property(units, fc.integer({ min: 1, max: 23 }), ([short, long], count) => {
        expect(span(duration(`${count}${short}`))).toBe(`${count} ${long}`);
      }),
    );
  });

  test.each(['0', '-1', '1e3', '0x1', '01', '1.0', String(2n ** 64n), '', 'one'])(
    '"%s" is no number of a job',
    (text) => expect(() => chainNumber(text)).toThrow(/whole number/),
  );

  test('numbers of jobs have 64 bits', () => expect(chainNumber(String(2n ** 64n - 1n))).toBe(2n ** 64n - 1n));

  test.each(['', '.5', '1.', '1,5', '1e18', '-1', '01', '0x1', '1'.repeat(40)])('"%s" is no amount', (text) =>
    expect(() => amount(text)).toThrow(/amount/),
  );

  test.each(['', '0x', `0x${'1'.repeat(39)}`, `0x${'g'.repeat(40)}`, '1'.repeat(42)])('"%s" is no address', (text) =>
    expect(() => address(text)).toThrow(/address/),
  );
});

describe('what people read', () => {
  test('times, with their distance', () => {
    expect(moment(1_800_000_000, 1_799_990_000)).toBe('2027-01-15 08:00:00 UTC (in 2 h 46 min)');
    expect(moment(1_800_000_000, 1_800_000_061)).toBe('2027-01-15 08:00:00 UTC (1 min 1 s ago)');
    expect(date(2 ** 40 - 1)).toMatch(/UTC$/);
    expect(date(2 ** 53)).toBe(`second ${2 ** 53}`);
  });

  test('amounts in whole tokens', () => {
    expect(tokens(1_500_000n, { symbol: 'GEM', decimals: 6 })).toBe('1.5 GEM');
  });
});

describe('the record of a claim', () => {
  let run = '';
  beforeAll(() => {
    run = mkdtempSync(join(tmpdir(), 'gensyn-test-'));
  });
  afterAll(() => rmSync(run, { recursive: true, force: true }));
  const hash = (digit: string) => `0x${digit.repeat(64)}` as const;
  const record: ClaimRecord = {
    schema: 'gensyn.claim/1',
    chainId: 1,
    contract: `0x${'a'.repeat(40)}`,
    job: '1',
    claim: String(2n ** 64n - 1n),
    jobHash: hash('1'),
    finalRoot: hash('2'),
    traceRoot: hash('3'),
    solver: `0x${'b'.repeat(40)}`,
    txHash: null,
  };

  test('comes back as it was written', async () => {
    expect(await readClaimRecord(run)).toBeNull();
    await writeClaimRecord(run, record);
    expect(await readClaimRecord(run)).toEqual(record);
  });

  test.each([
    ['a field too many', { more: 1 }],
    ['no number', { claim: '0x1' }],
    ['half a hash', { finalRoot: '0x12' }],
    ['another schema', { schema: 'gensyn.claim/2' }],
  ])('is refused with %s', async (_what, change) => {
    writeFileSync(claimRecordPath(run), JSON.stringify({ ...record, ...change }));
    await expect(readClaimRecord(run)).rejects.toMatchObject({ code: 'market.claim-record-invalid' });
  });

  test('is refused when it is too large or no JSON', async () => {
    writeFileSync(claimRecordPath(run), '{');
    await expect(readClaimRecord(run)).rejects.toMatchObject({ exitCode: 6 });
    writeFileSync(claimRecordPath(run), ' '.repeat(10_000));
    await expect(readClaimRecord(run)).rejects.toMatchObject({ code: 'run.too-large' });
  });
});
