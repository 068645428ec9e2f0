import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { detectionProbability, sampleIntervals, shardIntervals } from '../../src/verify/sampling.js';
import { runHere, runHereJson } from '../e2e/support/in-process.js';
import { writeJob } from '../e2e/support/jobs.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';

const folder = temporaryFolder();
const INTERVALS = 6;
const BEACON = `0x${'5f'.repeat(32)}`;
let job = '';
let run = '';

async function trainHere(path: string, ...args: string[]): Promise<string> {
  const out = folder.path('run');
  expect(await runHereJson(['train', path, '--out', out, '--backend', 'reference', ...args])).toMatchObject({
    exitCode: 0,
  });
  return out;
}

async function verifyHere(path: string, ...args: string[]) {
  const { exitCode, result, error } = await runHereJson(['verify', path, '--backend', 'reference', ...args]);
  return { exitCode, error, ...result };
}

beforeAll(async () => {
  // The last interval is shorter than the others.
  job = writeJob(folder.path('job.json'), { steps: 11, checkpointEvery: 2 });
  run = await trainHere(job);
});

/** C(n, k), exactly. */
function binomial(n: number, k: number): bigint {
  let result = 1n;
  for (let i = 1n; i <= BigInt(k); i++) result = (result * (BigInt(n) - i + 1n)) / i;
  return k > n ? 0n : result;
}

describe('the probability that a sample finds a cheat', () => {
  test('is the hypergeometric one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(300), fc.nat(300), (count, a, b) => {
        const [checked, altered] = [Math.min(a, count), Math.min(b, count)];
        const all = binomial(count, checked);
        const missed = binomial(count - altered, checked);
        const scaled = Number(((all - missed) * 10n ** 12n) / all) / 1e12;
        expect(detectionProbability(count, checked, altered)).toBeCloseTo(scaled, 9);
      }),
    );
  });

  test('stands in the document, for the intervals that were drawn', async () => {
    const report = await verifyHere(run, '--sample', '2', '--beacon', BEACON);
    // Of 6 intervals, 1 % and 10 % are both rounded up to one.
    const chance = expect.closeTo(1 - (5 / 6) * (4 / 5), 12);
    expect(report.detectionProbability).toEqual({ oneInterval: chance, onePercent: chance, tenPercent: chance });
    expect(report.checked).toMatchObject({ intervals: 2, of: INTERVALS });
  });

  test('is printed for people', async () => {
    const { stdout } = await runHere(['verify', run, '--backend', 'reference', '--sample', '2', '--beacon', BEACON]);
    expect(stdout).toContain('with probability 33.3 % if one interval was altered');
    expect(stdout.trimEnd().endsWith('VERIFIED')).toBe(true);
  });
});

describe('a draw', () => {
  test('by a beacon is the same for everybody, and another one by another beacon', async () => {
    const lists: string[] = [];
    for (const beacon of [BEACON, BEACON, `0x${'60'.repeat(32)}`]) {
      const report = await verifyHere(run, '--sample', '3', '--beacon', beacon);
      expect(report).toMatchObject({ exitCode: 0, verdict: 'verified' });
      lists.push(String(report.checked.list));
    }
    expect(lists[0]).toBe(lists[1]);
    expect(lists[0]).not.toBe(lists[2]);
  });

  test('has as many different intervals as asked for, or all there are', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 60 }),
        fc.uint8Array({ minLength: 16, maxLength: 64 }),
        (count, size, beacon) => {
          const drawn = sampleIntervals(count, size, new Uint8Array(32), beacon);
          expect(drawn).toHaveLength(Math.min(size, count));
          expect(new Set(drawn).size).toBe(drawn.length);
          expect(drawn.every((interval) => interval >= 0 && interval < count)).toBe(true);
        },
      ),
    );
  });

  test('favours no interval', () => {
    const seen = new Array<number>(10).fill(0);
    for (let beacon = 0; beacon < 2000; beacon++) {
      for (const interval of sampleIntervals(10, 3, new Uint8Array(32), Uint8Array.of(beacon, beacon >> 8)))
        seen[interval]!++;
    }
    // 600 expected each; six standard deviations are 123.
    for (const times of seen) expect(Math.abs(times - 600)).toBeLessThan(123);
  });
});

describe('shards', () => {
  test('of any number part the intervals among themselves', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 20 }), (count, shards) => {
        const parts = Array.from({ length: shards }, (_, shard) => shardIntervals(count, shard + 1, shards));
        expect(parts.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, at) => at));
      }),
    );
  });

  test('put together are the whole verification, and two of three are inconclusive', async () => {
    const files: string[] = [];
    for (const shard of ['1/3', '2/3', '3/3']) {
      const { stdout, exitCode } = await runHere(['verify', run, '--backend', 'reference', '--shard', shard, '--json']);
      expect(exitCode).toBe(0);
      const path = folder.path('shard.json');
      writeFileSync(path, stdout);
      files.push(path);
    }
    expect(await verifyHere(run, '--merge', ...files)).toMatchObject({
      exitCode: 0,
      verdict: 'verified',
      checked: { intervals: INTERVALS, of: INTERVALS },
      detectionProbability: { oneInterval: 1 },
    });
    const two = await verifyHere(run, '--merge', files[0]!, files[2]!);
    expect(two).toMatchObject({ exitCode: 21, verdict: 'inconclusive' });
    expect(two.inconclusive.map(({ interval }: { interval: number }) => interval)).toEqual([1, 4]);

    const other = await trainHere(job, '--inject-fault', '5,21,0,3');
    expect(await verifyHere(other, '--merge', ...files)).toMatchObject({
      exitCode: 2,
      error: { code: 'run.merge-mismatch' },
    });
    const [forged] = files;
    writeFileSync(forged!, readFileSync(forged!, 'utf8').replace(`"of":${INTERVALS}`, '"of":5'));
    expect(await verifyHere(run, '--merge', ...files)).toMatchObject({ exitCode: 2 });
  });

  test('find what is wrong in their part, and the merged report says it', async () => {
    const cheat = await trainHere(job, '--inject-fault', '5,21,0,3');
    const files: string[] = [];
    const codes: number[] = [];
    for (const shard of ['1/3', '2/3', '3/3']) {
      const { stdout, exitCode } = await runHere([
        'verify',
        cheat,
        '--backend',
        'reference',
        '--shard',
        shard,
        '--json',
      ]);
      const path = folder.path('shard.json');
      writeFileSync(path, stdout);
      files.push(path);
      codes.push(exitCode);
    }
    // Training step 5 is in interval 2 of 0 … 5, which is the third shard's.
    expect(codes).toEqual([0, 0, 20]);
    expect(await verifyHere(cheat, '--merge', ...files)).toMatchObject({
      exitCode: 20,
      verdict: 'diverged',
      divergence: { checkpoint: 3 },
    });
  });
});

describe('a run without one of its checkpoints', () => {
  test('is verified as a whole; alone, the interval behind it is inconclusive', async () => {
    const bare = await trainHere(job);
    rmSync(join(bare, 'checkpoints', 'step-0000000004.safetensors'));
    expect(await verifyHere(bare)).toMatchObject({
      exitCode: 0,
      verdict: 'verified',
      checked: { intervals: INTERVALS },
    });
    // Interval 2 begins at training step 4; the first of two shards has no interval before it.
    const part = await verifyHere(bare, '--shard', '1/2');
    expect(part).toMatchObject({ exitCode: 21, verdict: 'inconclusive', checked: { list: [0, 4] } });
    expect(part.inconclusive).toEqual([{ interval: 2, reason: 'there is no checkpoint of step 4' }]);
  });

  test('may keep only its last one', async () => {
    const last = await trainHere(job, '--keep', 'last');
    expect(await verifyHere(last)).toMatchObject({ exitCode: 0, verdict: 'verified' });
    expect(await verifyHere(last, '--shard', '2/2')).toMatchObject({ exitCode: 21 });
  });

  test('is diverged, not inconclusive, where something else is wrong', async () => {
    const cheat = await trainHere(job, '--inject-fault', '1,21,0,3');
    rmSync(join(cheat, 'checkpoints', 'step-0000000004.safetensors'));
    expect(await verifyHere(cheat, '--shard', '1/2')).toMatchObject({ exitCode: 20, verdict: 'diverged' });
  });
});

describe('options that exclude each other', () => {
  test.each([
    ['--sample', '2', '--shard', '1/2'],
    ['--sample', '2', '--against', 'x'],
    ['--beacon', BEACON],
    ['--shard', '0/2'],
    ['--shard', '3/2'],
    ['--sample', '0'],
    ['--sample', '1', '--beacon', 'zz'],
  ])('%s %s %s %s', async (...args) => {
    expect(await verifyHere(run, ...args)).toMatchObject({ exitCode: 2 });
  });
});
