import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../run/support/temporary-folder.js';
import { gensyn, gensynJson, trained } from './support/gensyn.js';
import { writeJob } from './support/jobs.js';

const folder = temporaryFolder();

/** A disk of our own: only Linux's root can make one. */
const canMount = (() => {
  try {
    const place = '/tmp/gensyn-mount-probe';
    if (process.platform !== 'linux') return false;
    mkdirSync(place, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'none', place], { stdio: 'ignore' });
    execFileSync('umount', [place], { stdio: 'ignore' });
    rmSync(place, { recursive: true });
    return true;
  } catch {
    return false;
  }
})();

const onDisk = canMount ? describe : describe.skip;

onDisk('a disk of our own (needs root on Linux)', () => {
  let disk = '';
  let job = '';
  let wanted = '';
  const mount = (...args: string[]): void => void execFileSync('mount', args, { stdio: 'ignore' });

  beforeAll(async () => {
    disk = folder.path('disk');
    mkdirSync(disk);
    mount('-t', 'tmpfs', '-o', 'size=80k', 'none', disk);
    job = writeJob(folder.path('job.json'), { checkpointEvery: 1 });
    wanted = (await trained([job, '--out', folder.path('run')])).traceRoot;
  });
  afterAll(() => void execFileSync('umount', [disk], { stdio: 'ignore' }));

  test('that is full stops the training with a clear word, and it goes on once there is space', async () => {
    const run = join(disk, 'run');
    const full = await gensynJson(['train', job, '--out', run]);
    expect(full).toMatchObject({ exitCode: 3, ok: false, error: { code: 'run.disk-full' } });
    // A second try without space changes nothing for the worse.
    expect(await gensynJson(['train', job, '--out', run])).toMatchObject({
      exitCode: 3,
      error: { code: 'run.disk-full' },
    });
    mount('-o', 'remount,size=4m', disk);
    expect((await trained([job, '--out', run])).traceRoot).toBe(wanted);
    expect((await gensyn(['verify', run])).exitCode).toBe(0);
  });

  test('that has no room for a bundle says so, and leaves nothing that passes for one', async () => {
    const bundle = join(disk, 'bundle');
    rmSync(join(disk, 'run'), { recursive: true, force: true });
    mount('-o', 'remount,size=12k', disk);
    expect(await gensynJson(['compile', job, '--out', bundle])).toMatchObject({
      exitCode: 3,
      error: { code: 'run.disk-full' },
    });
    expect(existsSync(join(bundle, 'manifest.json'))).toBe(false);
    mount('-o', 'remount,size=4m', disk);
    expect((await gensyn(['compile', job, '--out', bundle])).exitCode).toBe(0);
  });

  test('that may only be read can be verified from and not written to', async () => {
    const run = join(disk, 'read-only');
    await trained([job, '--out', run]);
    mount('-o', 'remount,ro', disk);
    try {
      expect((await gensyn(['verify', run])).exitCode).toBe(0);
      for (const out of [run, join(disk, 'other')]) {
        expect(await gensynJson(['train', job, '--out', out])).toMatchObject({
          exitCode: 3,
          error: { code: 'run.not-writable' },
        });
      }
      expect(await gensynJson(['compile', job, '--out', join(disk, 'other')])).toMatchObject({
        exitCode: 3,
        error: { code: 'run.not-writable' },
      });
    } finally {
      mount('-o', 'remount,rw', disk);
    }
  });
});
