import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../run/support/temporary-folder.js';
import { runHereJson } from './support/in-process.js';
import { denseLayers, writeJob } from './support/jobs.js';
import { fileWriter, testRefusals } from './support/refusals.js';

const folder = temporaryFolder();
const written = fileWriter();

describe('a job file that says something else is refused by key', () => {
  testRefusals([
    {
      what: 'unknown key',
      change: { epoch: 3 },
      code: 'job.unknown-key',
      exitCode: 2,
      names: ['"epoch"', 'epochs'],
    },
    {
      what: 'unknown key inside',
      change: (job) => {
        job.data.train.shuffle = true;
      },
      code: 'job.unknown-key',
      exitCode: 2,
      names: ['"shuffle"', 'data.train'],
    },
    {
      what: 'unknown optimiser',
      change: { optimizer: { name: 'lion' } },
      code: 'job.invalid',
      exitCode: 2,
      names: ['optimizer.name', "'adam'"],
    },
    {
      what: 'unknown loss',
      change: { loss: 'nonsense' },
      code: 'job.invalid',
      exitCode: 2,
      names: ['loss', '"nonsense"', 'huber'],
    },
    {
      what: 'unknown metric',
      change: { metrics: ['auc'] },
      code: 'job.invalid',
      exitCode: 2,
      names: ['metrics[0]', 'accuracy'],
    },
    {
      what: 'no power of two',
      change: { checkpointEvery: 12 },
      code: 'job.invalid',
      exitCode: 2,
      names: ['checkpointEvery', 'power of two', '12'],
    },
    {
      what: 'steps and epochs',
      change: { epochs: 1 },
      code: 'job.invalid',
      exitCode: 2,
      names: ['steps', 'epochs'],
    },
    {
      what: 'negative seed',
      change: { seed: -1 },
      code: 'job.invalid',
      exitCode: 2,
      names: ['seed', '-1'],
    },
    {
      what: 'learning rate of nothing',
      change: { learningRate: 0 },
      code: 'job.invalid',
      exitCode: 2,
      names: ['learningRate'],
    },
    {
      what: 'batch larger than the data',
      change: { batchSize: 1000 },
      code: 'job.batch-size',
      exitCode: 2,
      names: ['1000', '120'],
    },
    {
      what: 'another schema',
      change: { schema: 'gensyn.job/9' },
      code: 'job.schema',
      exitCode: 2,
      names: ['gensyn.job/9', 'gensyn.job/1'],
    },
  ]);

  test.each([
    ['{"a":', 'data.json-syntax'],
    ['{"__proto__":{}}', 'data.json-forbidden-key'],
    ['{"seed":1,"seed":2}', 'data.json-duplicate-key'],
    [`${'['.repeat(5000)}`, 'data.json-too-deep'],
  ])('the document %.20s', async (text, code) => {
    const job = written('job.json', text);
    const { exitCode, error } = await runHereJson(['train', job, '--out', folder.path('run')]);
    expect({ exitCode, code: error?.code }).toEqual({ exitCode: 6, code });
  });

  test('no such job', async () => {
    const { exitCode, error } = await runHereJson(['train', folder.path('none.json'), '--out', folder.path('run')]);
    expect({ exitCode, code: error?.code }).toEqual({ exitCode: 2, code: 'job.missing' });
  });
});

describe('what is asked for beside the job', () => {
  test.each([
    [['--backend', 'abacus'], 'backend.unknown', ['abacus', 'wasm', 'reference']],
    [['--steps', '0'], 'command.usage', ['--steps']],
    [['--steps', '1e3'], 'command.usage', ['--steps']],
    [['--checkpoint-every', '3'], 'command.usage', ['power of two']],
    [['--threads', '0'], 'command.usage', ['--threads']],
    [['--keep', 'none'], 'command.usage', ['--keep']],
  ])('%j is refused', async (args, code, names) => {
    const out = folder.path('run');
    const { exitCode, error } = await runHereJson(['train', writeJob(folder.path('job.json')), '--out', out, ...args]);
    expect({ exitCode, code: error?.code }).toEqual({ exitCode: 2, code });
    for (const name of names) expect(error?.message).toContain(name);
    expect(existsSync(out)).toBe(false);
  });

  test('a folder with other things in it is left as it is', async () => {
    const job = writeJob(folder.path('job.json'), { model: { layers: denseLayers() } });
    for (const command of ['train', 'compile']) {
      const out = folder.path('mine');
      mkdirSync(out);
      writeFileSync(join(out, 'thesis.txt'), 'years of work');
      const { exitCode, error } = await runHereJson([command, job, '--out', out]);
      expect({ exitCode, names: error?.message.includes('thesis.txt') }).toEqual({ exitCode: 2, names: true });
      expect(readdirSync(out)).toEqual(['thesis.txt']);
    }
  });
});
