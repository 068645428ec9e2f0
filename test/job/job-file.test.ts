import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../src/data/strict-json.js';
import { loadJobData, totalSteps } from '../../src/job/job-data.js';
import { checkJobFile, readJobFile } from '../../src/job/job-file.js';
import { errorCode, errorOf, temporaryFolder, writeInto } from '../data/helpers.js';

const VALID: JsonObject = {
  schema: 'gensyn.job/1',
  name: 'small',
  seed: 0,
  model: { layers: [{ className: 'Dense', config: { units: 2 } }] },
  data: {
    train: { features: { file: 'data.csv', columns: ['a'] }, labels: { column: 'k', classes: ['u', 'v'] } },
    test: {
      features: { file: '../other/data.csv', columns: ['a'] },
      labels: { file: '/else/y.csv', column: 'k', classes: ['u', 'v'] },
    },
  },
  loss: 'softmaxCrossEntropy',
  optimizer: { name: 'adam', beta1: 0.8 },
  learningRate: { schedule: 'warmup-cosine', peak: 0.01, warmupSteps: 4 },
  batchSize: 2,
  steps: 8,
  checkpointEvery: 4,
};

/** The valid job with the value at a path replaced, or removed. */
function changed(path: readonly string[], value: JsonValue | undefined, within: JsonObject = VALID): JsonObject {
  const [key, ...rest] = path;
  const copy: Record<string, JsonValue> = { ...within };
  if (rest.length > 0) copy[key!] = changed(rest, value, (within[key!] ?? {}) as JsonObject);
  else if (value === undefined) delete copy[key!];
  else copy[key!] = value;
  return copy;
}

const TEXT = { text: { file: 'a.txt', length: 8 } };
const TEXT_JOB = changed(['data'], { train: TEXT });

describe('job file', () => {
  test('of a text has its path made absolute', async () => {
    const folder = temporaryFolder();
    writeInto(folder, { 'job.json': JSON.stringify(TEXT_JOB) });
    const job = await readJobFile(join(folder, 'job.json'));
    expect(job.data).toEqual({ train: { text: { file: join(folder, 'a.txt'), length: 8 } } });
  });

  test('is read with absolute paths; seed 0 is a seed', async () => {
    const folder = temporaryFolder();
    writeInto(folder, { 'job.json': JSON.stringify(VALID) });
    const job = await readJobFile(join(folder, 'job.json'));
    expect(job.seed).toBe(0);
    expect(job.data.train).toMatchObject({ features: { file: join(folder, 'data.csv') } });
    expect(job.data.train).not.toHaveProperty('labels.file');
    expect(job.data.test).toMatchObject({
      features: { file: join(folder, '../other/data.csv') },
      labels: { file: '/else/y.csv' },
    });
    expect(await errorOf(readJobFile(join(folder, 'absent.json')))).toMatchObject({ code: 'job.missing' });
  });

  const bad: readonly [string, JsonObject, string, string][] = [
    ['another schema', changed(['schema'], 'gensyn.job/2'), 'job.schema', '"gensyn.job/2"'],
    ['no schema', changed(['schema'], undefined), 'job.schema', 'none'],
    ['an unknown key', changed(['batchsize'], 3), 'job.unknown-key', '"batchsize" in the job itself'],
    [
      'an unknown key inside',
      changed(['data', 'train', 'features', 'colums'], ['a']),
      'job.unknown-key',
      'data.train.features',
    ],
    [
      'an unknown optimiser option',
      changed(['optimizer', 'momentum'], 0.9),
      'job.unknown-key',
      'known are name, beta1, beta2, epsilon',
    ],
    ['an unknown schedule option', changed(['learningRate', 'floor'], 0.9), 'job.unknown-key', 'learningRate'],
    [
      'an unknown layer key',
      changed(['model'], { layers: [{ className: 'Dense', units: 3 }] }),
      'job.unknown-key',
      'model.layers[0]',
    ],
    ['an unknown optimiser', changed(['optimizer'], { name: 'lion' }), 'job.invalid', 'optimizer'],
    ['an unknown loss', changed(['loss'], 'nonsense'), 'job.invalid', 'at loss'],
    ['a wrong type', changed(['batchSize'], '32'), 'job.invalid', 'at batchSize'],
    ['a missing key', changed(['loss'], undefined), 'job.invalid', 'at loss'],
    ['both steps and epochs', changed(['epochs'], 3), 'job.invalid', 'steps and epochs are both there'],
    ['neither steps nor epochs', changed(['steps'], undefined), 'job.invalid', 'none of them'],
    ['two models', changed(['model', 'file'], 'm.json'), 'job.invalid', 'file and layers'],
    ['no model', changed(['model'], {}), 'job.invalid', 'exactly one of file, module, layers'],
    ['checkpointEvery not a power of two', changed(['checkpointEvery'], 12), 'job.invalid', 'power of two'],
    ['a negative seed', changed(['seed'], -1), 'job.invalid', 'seed'],
    ['an unsafe seed', changed(['seed'], 2 ** 53), 'job.invalid', 'seed'],
    ['a fractional seed', changed(['seed'], 0.5), 'job.invalid', 'seed'],
    ['a momentum of 1 as float32', changed(['optimizer', 'beta1'], 1 - 1e-9), 'job.invalid', 'optimizer.beta1'],
    ['zero steps', changed(['steps'], 0), 'job.invalid', 'steps'],
    ['zero batch', changed(['batchSize'], 0), 'job.invalid', 'batchSize'],
    ['a learning rate of 0', changed(['learningRate'], 0), 'job.invalid', 'learningRate'],
    ['a learning rate too large for float32', changed(['learningRate'], 1e39), 'job.invalid', 'learningRate'],
    ['a wrong schedule', changed(['learningRate', 'schedule'], 'cosinus'), 'job.invalid', 'learningRate.schedule'],
    ['a limit of 0', changed(['data', 'train', 'limit'], 0), 'job.invalid', 'limit'],
    ['a class named twice', changed(['data', 'train', 'labels', 'classes'], ['a', 'a']), 'job.invalid', 'twice'],
    ['one class', changed(['data', 'train', 'labels', 'classes'], 1), 'job.invalid', 'classes'],
    ['column and columns', changed(['data', 'train', 'labels', 'columns'], ['b']), 'job.invalid', 'exclude'],
    [
      'a text with labels',
      changed(['data', 'train'], { ...TEXT, labels: { column: 'k' } }),
      'job.invalid',
      'has no labels',
    ],
    ['features without labels', changed(['data', 'train', 'labels'], undefined), 'job.invalid', 'labels are needed'],
    ['features and a text', changed(['data', 'train', 'text'], TEXT.text), 'job.invalid', 'both there'],
    ['no data at all', changed(['data', 'train'], {}), 'job.invalid', 'exactly one of features, text'],
    ['a text to train and no text to test', changed(['data', 'train'], TEXT), 'job.invalid', 'or neither'],
    ['a text with another loss', changed(['loss'], 'meanSquaredError', TEXT_JOB), 'job.invalid', 'at loss'],
    ['a window of nothing', changed(['data', 'train', 'text', 'length'], 0, TEXT_JOB), 'job.invalid', 'text.length'],
    ['a stride of 0', changed(['data', 'train', 'text', 'stride'], 0, TEXT_JOB), 'job.invalid', 'text.stride'],
    ['an unknown unit', changed(['data', 'train', 'text', 'unit'], 'word', TEXT_JOB), 'job.invalid', 'text.unit'],
    [
      'an unknown key of a text',
      changed(['data', 'train', 'text', 'lenght'], 8, TEXT_JOB),
      'job.unknown-key',
      'stride',
    ],
    ['a name that is a path', changed(['name'], '../x'), 'job.invalid', 'name'],
  ];
  test.each(bad)('%s is refused with its place', (_, value, code, message) => {
    expect(errorCode(() => checkJobFile(VALID, 'job.json'))).toBe(null);
    expect(errorCode(() => checkJobFile(value, 'job.json'))).toBe(code);
    expect(() => checkJobFile(value, 'job.json')).toThrow(message);
  });

  test('a file that is not strict JSON is refused', async () => {
    const folder = temporaryFolder();
    writeInto(folder, { 'twice.json': '{"schema":"gensyn.job/1","seed":1,"seed":2}', 'list.json': '[]' });
    expect(await errorOf(readJobFile(join(folder, 'twice.json')))).toMatchObject({ code: 'data.json-duplicate-key' });
    expect(await errorOf(readJobFile(join(folder, 'list.json')))).toMatchObject({ code: 'job.schema' });
  });

  test('any value in any place gives a job or an error of the catalogue', () => {
    const places = fc.constantFrom(
      ...['model', 'data', 'seed', 'optimizer', 'learningRate', 'steps', 'metrics'].map((key) => [key]),
      ...['features', 'labels', 'limit'].map((key) => ['data', 'train', key]),
      ['model', 'layers'],
      ['data', 'train', 'labels', 'classes'],
    );
    fc.assert(
      fc.property(places, fc.jsonValue({ maxDepth: 3 }), (place, value) => {
        errorCode(() => checkJobFile(changed(place, value as JsonValue), 'job.json'));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('data of a job', () => {
  const folder = temporaryFolder();
  writeInto(folder, { 'data.csv': 'a,b,k\n1,2,u\n3,4,v\n5,6,u\n', 'job.json': '{}' });
  const load = async (job: JsonObject) => loadJobData(checkJobFile(job, 'job.json'), { baseDirectory: folder });
  const train = changed(['data', 'test'], undefined);

  test('is loaded with the number of steps', async () => {
    const loaded = await load(train);
    expect([loaded.train.count, loaded.steps, loaded.test]).toEqual([3, 8, undefined]);
  });

  test('a batch larger than the data is refused, with both numbers', async () => {
    const error = await errorOf(load(changed(['batchSize'], 4, train)));
    expect(error).toMatchObject({
      code: 'job.batch-size',
      message: expect.stringContaining('4, but the training data has only 3'),
    });
  });

  test('test data of another kind is refused', async () => {
    const test = { features: { file: 'data.csv', columns: ['a', 'b'] }, labels: { column: 'k', classes: ['u', 'v'] } };
    expect(await errorOf(load(changed(['data', 'test'], test)))).toMatchObject({ code: 'job.test-data' });
  });

  test('epochs run on: each example is used at least that often, and no step more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 500 }),
        (epochs, count, batchSize) => {
          const steps = totalSteps({ epochs, batchSize }, count);
          expect(steps * batchSize).toBeGreaterThanOrEqual(epochs * count);
          expect((steps - 1) * batchSize).toBeLessThan(epochs * count);
        },
      ),
    );
    expect(errorCode(() => totalSteps({ epochs: 2 ** 26, batchSize: 1 }, 1000))).toBe('job.steps');
  });
});
