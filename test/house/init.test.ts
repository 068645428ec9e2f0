import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ANSWER_FLAGS } from '../../commands/init.js';
import { QUESTIONS } from '../../src/job/job-template.js';
import { documentOf, gensyn } from './support/verbs.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gensyn-init-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('gensyn init', () => {
  test('has a flag for every question', () => {
    expect(ANSWER_FLAGS.map(([id]) => id)).toEqual(QUESTIONS.map(({ id }) => id));
    for (const [id, flag] of ANSWER_FLAGS) {
      const [name = ''] = flag.split(' ');
      expect(name.slice(2).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())).toBe(id);
    }
  });

  test('writes a job from flags and defaults', async () => {
    const fake = await gensyn(`init ${folder}/new --yes --name iris --features iris.csv --steps 256 --json`);
    expect(fake.exitCode()).toBe(0);
    const path = join(folder, 'new', 'job.json');
    const job = JSON.parse(readFileSync(path, 'utf8'));
    expect(job).toMatchObject({ schema: 'gensyn.job/1', name: 'iris', steps: 256 });
    expect(documentOf(fake).result).toEqual({ path, job });
  });

  test('leaves a job that is there, unless told', async () => {
    expect((await gensyn(`init ${folder} --yes --name first`)).exitCode()).toBe(0);
    const again = await gensyn(`init ${folder} --yes --name second`);
    expect([again.exitCode(), again.stderr()]).toEqual([2, expect.stringContaining('command.file-exists')]);
    expect(readFileSync(join(folder, 'job.json'), 'utf8')).toContain('first');
    expect((await gensyn(`init ${folder} --yes --name second --force`)).exitCode()).toBe(0);
    expect(readFileSync(join(folder, 'job.json'), 'utf8')).toContain('second');
  });

  test.each([{ terminal: false }, { terminal: true, environment: { CI: 'true' } }])(
    'asks nobody where nobody is',
    async (world) => {
      const fake = await gensyn(`init ${folder}`, undefined, world);
      expect(fake.exitCode()).toBe(2);
      expect(fake.stderr()).toContain('No value was given for --name');
      expect(existsSync(join(folder, 'job.json'))).toBe(false);
    },
  );

  test('--no-input asks nothing on a terminal either', async () => {
    expect((await gensyn(`init ${folder} --no-input`, undefined, { terminal: true })).exitCode()).toBe(2);
  });

  test('refuses a wrong answer and writes nothing', async () => {
    const fake = await gensyn(`init ${folder} --yes --steps 1e3`);
    expect(fake.exitCode()).toBe(2);
    expect(existsSync(join(folder, 'job.json'))).toBe(false);
  });
});
