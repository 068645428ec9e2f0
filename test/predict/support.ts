/** Small jobs that are trained in a moment. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../../commands/version.js';

export const STORY = 'the cat sat on the mat. the dog sat on the log. '.repeat(8);
export const WINDOW = 6;

/** A job on a small text, and the text beside it. Gives the job's path. */
export function writeTextJob(path: string, text = STORY, change: object = {}): string {
  writeFileSync(`${path}.txt`, text);
  const characters = new Set(text).size;
  const job = {
    schema: 'gensyn.job/1',
    name: 'story',
    seed: 3,
    model: {
      layers: [
        { className: 'Embedding', config: { inputDim: characters, outputDim: 8, name: 'characters' } },
        {
          className: 'SimpleRNN',
          config: { units: 16, returnSequences: true, recurrentInitializer: 'glorotUniform', name: 'memory' },
        },
        { className: 'Dense', config: { units: characters, name: 'next' } },
      ],
    },
    data: {
      train: { text: { file: `${path}.txt`, length: WINDOW }, limit: 200 },
      test: { text: { file: `${path}.txt`, length: WINDOW, stride: WINDOW }, skip: 40 },
    },
    loss: 'softmaxCrossEntropy',
    metrics: ['accuracy'],
    optimizer: { name: 'adam' },
    learningRate: 0.02,
    batchSize: 8,
    steps: 60,
    checkpointEvery: 4,
    ...change,
  };
  writeFileSync(path, JSON.stringify(job));
  return path;
}

/** The path of a fixture job. */
export function fixtureJob(name: string): string {
  return join(packageFolder(), 'fixtures', 'jobs', `${name}.json`);
}
