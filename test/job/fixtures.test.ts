import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { blake3 } from '@noble/hashes/blake3.js';
import { loadJobData } from '../../src/job/job-data.js';
import { readJobFile } from '../../src/job/job-file.js';
import { learningRateTable } from '../../src/job/schedule.js';
import { fixturePath } from './fixture-path.js';
import { loadWithTfjs } from './tfjs-layers.js';

describe('the example jobs', () => {
  const jobs = [
    {
      file: 'jobs/fashion-mlp.json',
      train: 8000,
      test: 2000,
      features: { dtype: 'u8', exampleShape: [784] },
      classes: 10,
      parameters: 235_146,
    },
    {
      file: 'jobs/iris.json',
      train: 120,
      test: 30,
      features: { dtype: 'f32', exampleShape: [4] },
      classes: 3,
      parameters: 131,
    },
  ] as const;

  test.each(jobs)('$file can be read with its data, and its model by tfjs', async (expected) => {
    const job = await readJobFile(fixturePath(expected.file));
    const { train, test: held, steps } = await loadJobData(job);
    expect([train.count, held?.count]).toEqual([expected.train, expected.test]);
    expect(train.features).toMatchObject(expected.features);
    expect(train.labels).toMatchObject({ kind: 'class', classes: expected.classes, shape: [] });
    expect(learningRateTable(job.learningRate, steps)).toHaveLength(steps);
    const model = await loadWithTfjs(JSON.parse(readFileSync(job.model.file!, 'utf8')));
    expect([model.inputs[0]?.shape, model.countParams()]).toEqual([
      [null, ...expected.features.exampleShape],
      expected.parameters,
    ]);
  });

  test('the data are the files that the table of hashes describes, and small', () => {
    const rows = [
      ...readFileSync(fixturePath('data/README.md'), 'utf8').matchAll(/^\| (\S+) \| (\d+) \| `(\w+)` \| `(\w+)` \|$/gm),
    ];
    expect(rows).toHaveLength(6);
    for (const [, name, size, blake, sha] of rows) {
      const bytes = readFileSync(fixturePath(`data/${name}`));
      const hashes = [Buffer.from(blake3(bytes)).toString('hex'), createHash('sha256').update(bytes).digest('hex')];
      expect([bytes.length, ...hashes]).toEqual([Number(size), blake, sha]);
    }
    expect(rows.reduce((total, row) => total + Number(row[2]), 0)).toBeLessThan(6_000_000);
  });

  test('the classes of every subset are balanced to within a fifth', async () => {
    const { train, test: held } = await loadJobData(await readJobFile(fixturePath('jobs/fashion-mlp.json')));
    for (const { labels, count } of [train, held!]) {
      const counts = new Array<number>(10).fill(0);
      for (let row = 0; row < count; row++) counts[(labels.words[row >>> 2]! >>> ((row & 3) * 8)) & 255]!++;
      expect(Math.min(...counts)).toBeGreaterThan((count / 10) * 0.8);
      expect(Math.max(...counts)).toBeLessThan((count / 10) * 1.2);
    }
  });
});
