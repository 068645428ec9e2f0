import { type ExecFileSyncOptions, execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { packageFolder } from '../../commands/version.js';
import { documentOf, gensyn } from './support/verbs.js';

const VERBS = [
  'init',
  'compile',
  'train',
  'verify',
  'inspect',
  'predict',
  'settle',
  'dispute',
  'demo',
  'devnet',
  'doctor',
  'completion',
];
const binary = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'bin', 'gensyn.js');

/** Compares with a file of `test/house/golden`; UPDATE_GOLDEN=1 writes it. */
function expectGolden(name: string, text: string): void {
  const path = join(packageFolder(), 'test', 'house', 'golden', name);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

describe('help', () => {
  test('of gensyn itself lists every command and every exit code', async () => {
    const fake = await gensyn('--help');
    expect(fake.exitCode()).toBe(0);
    expect(fake.stderr()).toBe('');
    for (const verb of VERBS) expect(fake.stdout()).toMatch(new RegExp(`^  ${verb}\\b.*\\S$`, 'm'));
    expectGolden('gensyn.txt', fake.stdout());
  });

  test.each(VERBS)('of %s is what its file says', async (verb) => {
    const fake = await gensyn(`${verb} --help`);
    expect(fake.exitCode()).toBe(0);
    expect((await gensyn(`help ${verb}`)).stdout()).toBe(fake.stdout());
    expectGolden(`${verb}.txt`, fake.stdout());
  });

  test('of train lists the fault under drills', async () => {
    expect((await gensyn('train --help')).stdout()).toMatch(/Drills:\n\s+--inject-fault/);
  });

  test('with --json is one document', async () => {
    expect(documentOf(await gensyn('train --help --json'))).toMatchObject({ schema: 'gensyn.train/1', ok: true });
    expect(documentOf(await gensyn('--version --json')).result).toMatchObject({
      text: expect.stringContaining('gensyn 0.'),
    });
  });

  test('gensyn alone shows a short help on stderr', async () => {
    const fake = await gensyn('');
    expect(fake.stdout()).toBe('');
    expect(fake.stderr()).toContain('Usage: gensyn <command> [options]');
    // It fits a terminal of 24 lines.
    expect(fake.stderr().split('\n').length).toBeLessThan(24);
  });
});

describe('the installed program', () => {
  test('answers --help within 300 ms', () => {
    // The fastest of many counts: the others also measure what else this machine was doing.
    let fastest = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 30 && fastest >= 300; attempt++) {
      const started = performance.now();
      execFileSync(process.execPath, [binary, '--help']);
      fastest = Math.min(fastest, performance.now() - started);
    }
    expect(fastest).toBeLessThan(300);
  });

  test('writes no colour and asks nothing where there is no terminal', () => {
    const options: ExecFileSyncOptions = {
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    };
    try {
      execFileSync(process.execPath, [binary, 'init', join(packageFolder(), 'no-such-folder')], options);
      throw new Error('It should have failed.');
    } catch (error) {
      const { status, stdout, stderr } = error as { status?: number; stdout?: string; stderr?: string };
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^error\[command\.no-answer\]: /);
    }
  });

  test('survives a reader that goes away', () => {
    const command = `"${process.execPath}" "${binary}" completion bash | head -c 1 >/dev/null; echo "\${PIPESTATUS[0]}"`;
    expect(execFileSync('bash', ['-c', command], { encoding: 'utf8' })).toBe('0\n');
  });
});
