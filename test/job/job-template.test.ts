import { describe, expect, test } from '@jest/globals';
import { sequentialTopology } from '../../src/job/inline-model.js';
import { checkJobFile } from '../../src/job/job-file.js';
import { defaultAnswers, jobTemplate, QUESTIONS } from '../../src/job/job-template.js';
import { errorCode } from '../data/helpers.js';
import { loadWithTfjs } from './tfjs-layers.js';

describe('a new job', () => {
  test('every default is an answer, and together they make a job', () => {
    for (const question of QUESTIONS)
      expect([question.id, question.check(question.default)]).toEqual([question.id, null]);
    expect(errorCode(() => checkJobFile(JSON.parse(JSON.stringify(jobTemplate({}))), 'job.json'))).toBe(null);
  });

  test('questions depend on the answers before them', () => {
    expect(Object.keys(defaultAnswers({ features: 'x.csv' }))).toContain('columns');
    expect(Object.keys(defaultAnswers({ features: 'x.npy' }))).toContain('labels');
    expect(Object.keys(defaultAnswers({ task: 'regression' }))).not.toContain('classes');
    expect(Object.keys(defaultAnswers({ model: 'file' }))).not.toContain('hidden');
  });

  test('answers reach the job', () => {
    const job = jobTemplate({
      features: 'x.csv',
      columns: 'a, b',
      column: 'k',
      classes: 'u, v, w',
      scale: '.5',
      hidden: '8,4',
      optimizer: 'momentum',
      learningRate: '1e-2',
      seed: '0',
    });
    expect(job.data.train).toEqual({
      features: { file: 'x.csv', scale: 0.5, columns: ['a', 'b'] },
      labels: { column: 'k', classes: ['u', 'v', 'w'] },
    });
    expect(job.model.layers?.map(({ config }) => config?.['units'])).toEqual([undefined, 8, 4, 3]);
    expect(job).toMatchObject({ seed: 0, learningRate: 0.01, optimizer: { name: 'momentum', momentum: 0.9 } });
    expect(jobTemplate({ task: 'regression', outputs: '2', features: 'x.npy' })).toMatchObject({
      loss: 'meanSquaredError',
    });
    expect(jobTemplate({ model: 'file', modelFile: 'm.mjs' }).model).toEqual({ module: 'm.mjs' });
  });

  test('a text makes a job on its bytes, and asks nothing about labels', () => {
    const given = { features: 'story.txt.gz', length: '16', hidden: '8' };
    const asked = Object.keys(defaultAnswers(given));
    for (const id of ['columns', 'column', 'labels', 'task', 'classes', 'outputs', 'scale'])
      expect(asked).not.toContain(id);
    const job = jobTemplate(given);
    expect(job).toMatchObject({ loss: 'softmaxCrossEntropy', metrics: ['accuracy'] });
    expect(job.data.train).toEqual({ text: { file: 'story.txt.gz', unit: 'byte', length: 16 } });
    expect(job.model.layers?.map(({ className, config }) => [className, config?.['units']])).toEqual([
      ['Embedding', undefined],
      ['LSTM', 8],
      ['Dense', 256],
    ]);
    expect(errorCode(() => checkJobFile(JSON.parse(JSON.stringify(job)), 'job.json'))).toBe(null);
  });

  const bad: readonly [string, string][] = [
    ['name', '../x'],
    ['classes', '1'],
    ['classes', 'a, a'],
    ['hidden', '64, x'],
    ['learningRate', '-1'],
    ['learningRate', 'NaN'],
    ['batchSize', '0'],
    ['batchSize', '1.5'],
    ['checkpointEvery', '12'],
    ['checkpointEvery', '0'],
    ['seed', '-1'],
    ['seed', '9007199254740992'],
    ['optimizer', 'lion'],
  ];
  test.each(bad)('%s: the answer %j is refused', (id, answer) => {
    expect(errorCode(() => jobTemplate({ [id]: answer }))).toBe('job.answer');
  });
});

describe('a model inside the job file', () => {
  test('is a topology that tfjs loads, with the shape of the examples', async () => {
    const { layers } = jobTemplate({ hidden: '8', classes: '3' }).model;
    for (const [exampleShape, count] of [
      [[5], 75],
      [[2, 3], 83],
    ] as const) {
      const model = await loadWithTfjs(sequentialTopology('net', layers!, exampleShape));
      expect([model.inputs[0]?.shape, model.outputs[0]?.shape, model.countParams()]).toEqual([
        [null, ...exampleShape],
        [null, 3],
        count,
      ]);
    }
  });
});
