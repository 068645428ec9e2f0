import { beforeAll, describe, expect, test } from '@jest/globals';
import { solversExecution } from '../../commands/actions/dispute/player.js';
import { requireClaimable } from '../../commands/actions/settle/check-run.js';
import type { PostedClaim, PostedJob } from '../../src/chain/market.js';
import { traceRoot } from '../../src/commitments/roots.js';
import { type LoadedRun, loadRun } from '../../src/verify/load-run.js';
import type { Document } from '../e2e/support/gensyn.js';
import { runHere, runHereJson } from '../e2e/support/in-process.js';
import { writeJob } from '../e2e/support/jobs.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';

const folder = temporaryFolder();
let job = '';
let run = '';
let document: Document & { exitCode: number };

beforeAll(async () => {
  job = writeJob(folder.path('job.json'));
  run = folder.path('run');
  document = await runHereJson(['train', job, '--out', run, '--backend', 'tensorflow']);
});

describe('what is said of a run that is not canonical', () => {
  test('by train', () => {
    expect(document).toMatchObject({ exitCode: 0, ok: true, result: { backend: 'tensorflow', canonical: false } });
    expect(document.result.machine.package).toMatch(/^@tensorflow\//);
    expect(document.warnings.join()).toContain('not canonical');
  });

  test('by verify: close, which is another word than verified', async () => {
    const found = await runHereJson(['verify', run]);
    expect(found).toMatchObject({ exitCode: 0, result: { verdict: 'close', canonical: false, closeWithin: 0.01 } });
    expect(found.warnings.join()).toContain('no claim can rest on it');
    const { stdout } = await runHere(['verify', run, '--sample', '2']);
    expect(stdout).toContain('CLOSE (by distance; not canonical)');
    expect(stdout).not.toMatch(/verified/i);
  });

  test.each(['junit', 'github'])('by verify --format %s', async (format) => {
    const { stdout, exitCode } = await runHere(['verify', run, '--format', format]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/not canonical.*close/s);
    expect(stdout).not.toMatch(/verified/i);
  });

  test('by inspect', async () => {
    const { result } = await runHereJson(['inspect', run]);
    expect(result.manifest).toMatchObject({
      backend: 'tensorflow',
      canonical: false,
      machine: document.result.machine,
    });
    expect((await runHere(['inspect', run])).stdout).toMatch(/tensorflow, not canonical.*@tensorflow/s);
  });
});

describe('refused', () => {
  let loaded: LoadedRun;

  beforeAll(async () => {
    loaded = await loadRun(run);
  });

  test('a claim on such a run', async () => {
    const posted = { jobHash: loaded.bundle.hashes.job } as PostedJob;
    await expect(requireClaimable(loaded, posted)).rejects.toMatchObject({
      code: 'market.run-not-claimable',
      message: expect.stringContaining('backend tensorflow is not canonical'),
    });
  });

  test('its defence', async () => {
    const { leaves } = loaded;
    const claim = { traceRoot: traceRoot(leaves), finalRoot: leaves.at(-1)! } as PostedClaim;
    await expect(solversExecution(claim, loaded, {})).rejects.toMatchObject({ code: 'tensorflow.bits-asked' });
  });

  test('a comparison of its bits, from either side', async () => {
    const exact = folder.path('run');
    expect((await runHereJson(['train', job, '--out', exact])).exitCode).toBe(0);
    for (const [one, other] of [
      [run, exact],
      [exact, run],
    ] as const) {
      const { exitCode, error } = await runHereJson(['verify', one, '--against', other]);
      expect([exitCode, error?.code]).toEqual([2, 'tensorflow.bits-asked']);
    }
  });

  test('a distance, where bits are asked for', async () => {
    const { exitCode, error } = await runHereJson(['verify', run, '--exact']);
    expect([exitCode, error?.code]).toEqual([2, 'tensorflow.bits-asked']);
  });

  test('going on with a canonical backend, and the reverse', async () => {
    const { exitCode, error } = await runHereJson(['train', job, '--out', run]);
    expect([exitCode, error?.code]).toEqual([2, 'run.other-options']);
  });

  test.each([
    ['a compiled job', () => ['train', `${run}/job`], 'tensorflow.needs-job-file'],
    ['a drill', () => ['train', job, '--inject-fault', '1,0,0,30'], 'tensorflow.no-operators'],
  ])('%s', async (_, line, code) => {
    const asked = [...line(), '--out', folder.path('run'), '--backend', 'tensorflow'];
    const { exitCode, error } = await runHereJson(asked);
    expect([exitCode, error?.code]).toEqual([2, code]);
  });

  test('everything but training', async () => {
    const { exitCode, error } = await runHereJson(['verify', run, '--backend', 'tensorflow']);
    expect([exitCode, error?.code]).toEqual([2, 'tensorflow.trains-only']);
  });
});

test('intervals that are too long to be compared are announced', async () => {
  const long = writeJob(folder.path('job.json'), { steps: 2, checkpointEvery: 128 });
  const { warnings } = await runHereJson(['train', long, '--out', folder.path('run'), '--backend', 'tensorflow']);
  expect(warnings.join()).toContain('--checkpoint-every 64');
});
