import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../run/support/temporary-folder.js';
import { gensyn, gensynJson } from './support/gensyn.js';
import { runHere, runHereJson } from './support/in-process.js';
import { writeJob } from './support/jobs.js';

const folder = temporaryFolder();
let job = '';
let bundle = '';
let honest = '';
let cheat = '';

beforeAll(async () => {
  job = writeJob(folder.path('job.json'), { steps: 6, checkpointEvery: 2 });
  [bundle, honest, cheat] = [folder.path('bundle'), folder.path('run'), folder.path('run')];
  await runHere(['compile', job, '--out', bundle]);
  await runHere(['train', bundle, '--out', honest, '--backend', 'reference']);
  await runHere(['train', bundle, '--out', cheat, '--backend', 'reference', '--inject-fault', '3,21,0,5']);
});

const verify = (run: string, format: string) => runHere(['verify', run, '--backend', 'reference', '--format', format]);

/** The names of elements in the order in which they open; fails where they are not nested well. */
function elementsOf(xml: string): string[] {
  const opened: string[] = [];
  const open: string[] = [];
  const rest = xml
    .replace(/<\?xml[^>]*\?>/, '')
    .replace(/<(\/?)([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>/g, (_, end, name, _attributes, alone) => {
      if (end === '/') expect(open.pop()).toBe(name);
      else {
        opened.push(name);
        if (alone === '') open.push(name);
      }
      return '';
    });
  expect(open).toEqual([]);
  expect(rest).not.toMatch(/[<]|&(?!amp;|lt;|gt;|quot;|apos;|#)/);
  return opened;
}

describe('a report', () => {
  test('for JUnit is XML with a test case for each interval', async () => {
    const good = await verify(honest, 'junit');
    expect(good.exitCode).toBe(0);
    expect(elementsOf(good.stdout).filter((name) => name === 'testcase')).toHaveLength(3);
    expect(good.stdout).toMatch(/<testsuites?[^>]* tests="3"[^>]* failures="0"/);

    const bad = await verify(cheat, 'junit');
    expect(bad.exitCode).toBe(20);
    expect(elementsOf(bad.stdout)).toContain('failure');
    expect(bad.stdout).toContain('momentum/velocity/hidden/kernel');
  });

  test('for GitHub says the verdict, and marks a divergence as an error', async () => {
    const good = await verify(honest, 'github');
    expect(good).toMatchObject({ exitCode: 0 });
    expect(good.stdout.toLowerCase()).toContain('verified');
    expect(good.stdout).not.toContain('::error');
    const bad = await verify(cheat, 'github');
    expect(bad).toMatchObject({ exitCode: 20 });
    expect(bad.stdout).toMatch(/^::error /m);
  });

  test('for GitHub goes to the summary file that the system names', async () => {
    const summary = folder.path('summary.md');
    writeFileSync(summary, '# Before\n');
    const args = ['verify', cheat, '--backend', 'reference', '--format', 'github'];
    const { exitCode, stdout } = await gensyn(args, { environment: { GITHUB_STEP_SUMMARY: summary } });
    expect(exitCode).toBe(20);
    expect(readFileSync(summary, 'utf8')).toMatch(/^# Before\n[\s\S]*diverged/i);
    expect(stdout).toMatch(/^::error /m);
    expect(stdout).not.toContain('# ');
  });

  test('as JSON is the same with --json and with --format json', async () => {
    const one = await verify(cheat, 'json');
    const other = await runHere(['verify', cheat, '--backend', 'reference', '--json']);
    const strip = (text: string) => ({ ...JSON.parse(text), meta: null });
    expect(strip(one.stdout)).toEqual(strip(other.stdout));
    expect(strip(one.stdout)).toMatchObject({
      schema: 'gensyn.verify/1',
      ok: true,
      error: null,
      result: { verdict: 'diverged' },
    });
    expect(Object.keys(JSON.parse(one.stdout).result)).toEqual(
      expect.arrayContaining(['verdict', 'checked', 'detectionProbability', 'divergence']),
    );
  });

  test('as text goes to stdout, and everything else to stderr', async () => {
    const { stdout, stderr, exitCode } = await gensyn(['verify', cheat]);
    expect(exitCode).toBe(20);
    expect(stdout.trimEnd().endsWith('DIVERGED')).toBe(true);
    expect(stdout).toContain('state tensor');
    expect(stderr).toContain('verifying 3 of 3 intervals');
    expect(stdout).not.toContain('verifying');
  });
});

describe('inspect', () => {
  test('tells a job, a bundle, a run and a checkpoint from each other', async () => {
    const found = await Promise.all(
      [job, bundle, honest, join(honest, 'checkpoints', 'step-0000000004.safetensors')].map((path) =>
        runHereJson(['inspect', path]),
      ),
    );
    expect(found.map(({ exitCode, result }) => [exitCode, result.type])).toEqual([
      [0, 'job'],
      [0, 'bundle'],
      [0, 'run'],
      [0, 'checkpoint'],
    ]);
    const [, inBundle, inRun, inCheckpoint] = found.map(({ result }) => result);
    expect(inRun.job.jobHash).toBe(inBundle.jobHash);
    expect(inRun.trace).toMatchObject({ leaves: 4, complete: true });
    expect(inRun.storedCheckpoints).toEqual([0, 2, 4, 6]);
    expect(inCheckpoint.metadata).toMatchObject({ jobHash: inBundle.jobHash, step: '4' });
    const hashes = inCheckpoint.tensors.map(({ blake3 }: { blake3: string }) => blake3);
    expect(hashes.sort()).toEqual(inCheckpoint.metadata.tensors.split(' ').sort());
    expect(inBundle.operators).toHaveLength(inBundle.program.temporaries + inBundle.program.states);
  });

  test('shows people the same, and a drill as a drill', async () => {
    for (const path of [job, bundle, honest]) expect(await runHere(['inspect', path])).toMatchObject({ exitCode: 0 });
    expect((await runHere(['inspect', cheat])).stdout).toContain('bit 5 of element 0 of operator 21 flipped in step 3');
  });

  test('says of anything else that it is nothing of ours', async () => {
    const empty = folder.path('text');
    writeFileSync(empty, '');
    for (const path of [folder.path('none'), empty, join(honest, 'checkpoints'), join(honest, 'trace.jsonl')]) {
      expect([2, 6]).toContain((await runHereJson(['inspect', path])).exitCode);
    }
  });
});

test('doctor finds the backends that need no device canonical, and TensorFlow never', async () => {
  const { exitCode, result } = await gensynJson(['doctor']);
  expect(exitCode).toBe(0);
  const finding = (name: string, known: object) =>
    expect.objectContaining({ name, reason: expect.any(String), ...known });
  expect(result.backends).toEqual([
    finding('wasm', { available: true, canonical: true }),
    finding('webgpu', {}),
    finding('reference', { available: true, canonical: true }),
    finding('tensorflow', { canonical: false }),
  ]);
});
