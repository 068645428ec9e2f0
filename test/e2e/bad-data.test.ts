import { describe } from '@jest/globals';
import { irisText, type JobChange } from './support/jobs.js';
import { fileWriter, testRefusals } from './support/refusals.js';

const written = fileWriter();

/** The Iris table, changed at one place. */
function table(from: string, to: string): JobChange {
  return (job) => {
    job.data.train.features.file = written('iris.csv', irisText().replace(from, to));
  };
}

/** Features and labels from one binary file. */
function binary(name: string, bytes: readonly number[], format?: string): JobChange {
  return (job) => {
    const file = { file: written(name, Uint8Array.from(bytes)), ...(format === undefined ? {} : { format }) };
    job.data = { train: { features: file, labels: { ...file, classes: 3 } } };
  };
}

describe('data that cannot be read is refused by file and place', () => {
  testRefusals([
    {
      what: 'no such file',
      change: (job) => {
        job.data.train.features.file = 'none.csv';
      },
      code: 'data.file-missing',
      exitCode: 2,
      names: ['none.csv'],
    },
    {
      what: 'ragged rows',
      change: table('5.1,3.5,1.4,0.2,', '5.1,3.5,1.4,'),
      code: 'data.csv',
      exitCode: 2,
      names: ['iris.csv', 'line 2', '4 fields'],
    },
    {
      what: 'NaN',
      change: table('5.1,3.5', 'NaN,3.5'),
      code: 'data.csv-value',
      exitCode: 2,
      names: ['line 2', 'sepal_length', 'NaN'],
    },
    {
      what: 'words for numbers',
      change: table('5.1,3.5', 'five,3.5'),
      code: 'data.csv-value',
      exitCode: 2,
      names: ['line 2', '"five"'],
    },
    {
      what: 'unknown column',
      change: (job) => {
        job.data.train.features.columns = ['petals'];
      },
      code: 'data.csv-column',
      exitCode: 2,
      names: ['"petals"', 'petal_length'],
    },
    {
      what: 'unknown class',
      change: table(',setosa', ',tulip'),
      code: 'data.class-name',
      exitCode: 2,
      names: ['line 2', '"tulip"', 'setosa'],
    },
    {
      what: 'empty file',
      change: (job) => {
        job.data.train.features.file = written('empty.csv', '');
      },
      code: 'data.csv-header',
      exitCode: 2,
      names: ['empty'],
    },
    {
      what: 'IDX with another magic',
      change: binary('x.idx', [1, 2, 3, 4, 5, 6, 7, 8], 'idx'),
      code: 'data.magic',
      exitCode: 6,
      names: ['x.idx', '01 02 03 04'],
    },
    {
      what: 'IDX that is short',
      change: binary('x.idx', [0, 0, 8, 1, 0, 0, 0, 10, 1, 2], 'idx'),
      code: 'data.length',
      exitCode: 6,
      names: ['2 bytes', '10'],
    },
    {
      what: 'IDX that promises a lot',
      change: binary('x.idx', [0, 0, 13, 2, 255, 255, 255, 255, 255, 255, 255, 255], 'idx'),
      code: 'data.too-many-elements',
      exitCode: 2,
      names: ['x.idx'],
    },
    {
      what: 'npy that is none',
      change: binary('x.npy', [...Buffer.from('NUMPY')]),
      code: 'data.magic',
      exitCode: 6,
      names: ['x.npy'],
    },
    {
      what: 'label out of range',
      change: binary('x.idx', [0, 0, 8, 1, 0, 0, 0, 20, ...new Array<number>(20).fill(3)], 'idx'),
      code: 'data.label-range',
      exitCode: 2,
      names: ['3'],
    },
  ]);
});
