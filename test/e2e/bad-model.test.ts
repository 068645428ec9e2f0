import { readFileSync } from 'node:fs';
import { describe } from '@jest/globals';
import type { JobChange } from './support/jobs.js';
import { fileWriter, testRefusals } from './support/refusals.js';

const written = fileWriter();

function layers(...list: readonly { className: string; config?: object }[]): JobChange {
  return (job) => {
    job.model = { layers: list };
  };
}

/** The Iris model with weights of its own. */
function weights(path: string, shape: readonly number[]): JobChange {
  return (job) => {
    const model = JSON.parse(readFileSync(job.model.file, 'utf8'));
    model.weightsManifest = [{ paths: [path], weights: [{ name: 'hidden/kernel', shape, dtype: 'float32' }] }];
    job.model = { file: written('model.json', JSON.stringify(model)) };
  };
}

describe('a model that cannot be trained bit by bit is refused by name', () => {
  testRefusals([
    {
      what: 'unknown layer',
      change: layers({ className: 'Dens', config: { units: 3 } }),
      code: 'frontend.unknown-layer',
      exitCode: 2,
      names: ["'Dens'", 'Dense'],
    },
    {
      what: 'unknown activation',
      change: layers({ className: 'Dense', config: { units: 3, activation: 'relux' } }),
      code: 'frontend.unknown-activation',
      exitCode: 2,
      names: ["'relux'", 'relu'],
    },
    {
      what: 'kernel that cannot be recorded',
      change: layers(
        { className: 'Reshape', config: { targetShape: [2, 2, 1] } },
        { className: 'CenterCrop', config: { height: 1, width: 1, name: 'crop' } },
        { className: 'Flatten' },
        { className: 'Dense', config: { units: 3 } },
      ),
      code: 'frontend.unknown-kernel',
      exitCode: 2,
      names: ['CropAndResize', 'crop'],
    },
    {
      what: 'option that tfjs would ignore',
      change: layers({ className: 'Dense', config: { units: 3, unit: 4, name: 'out' } }),
      code: 'frontend.layer-option',
      exitCode: 2,
      names: ["'out' (Dense)", 'unit = 4'],
    },
    {
      what: 'outputs that do not fit the labels',
      change: layers({ className: 'Dense', config: { units: 4 } }),
      code: 'frontend.output-shape',
      exitCode: 2,
      names: ['[4]', '[3]'],
    },
    {
      what: 'inputs that do not fit the features',
      change: layers({ className: 'Dense', config: { units: 3, batchInputShape: [null, 7] } }),
      code: 'frontend.input-shape',
      exitCode: 2,
      names: ['[7]', '[4]'],
    },
    {
      what: 'units below one',
      change: layers({ className: 'Dense', config: { units: -3 } }),
      code: 'frontend.layer-invalid',
      exitCode: 2,
      names: ['Dense', '-3'],
    },
    {
      what: 'no such model file',
      change: { model: { file: 'none.json' } },
      code: 'data.file-missing',
      exitCode: 2,
      names: ['none.json'],
    },
    {
      what: 'file that is no model',
      change: (job) => {
        job.model = { file: written('model.json', '{"a":1}') };
      },
      code: 'frontend.model-invalid',
      exitCode: 2,
      names: [],
    },
    {
      what: 'weights outside of the folder',
      change: weights('../../../etc/passwd', [4, 16]),
      code: 'job.model-weights',
      exitCode: 2,
      names: ['../../../etc/passwd'],
    },
    {
      what: 'weights at an absolute path',
      change: weights('/etc/passwd', [4, 16]),
      code: 'job.model-weights',
      exitCode: 2,
      names: ['/etc/passwd'],
    },
    {
      what: 'weights that are missing',
      change: weights('none.bin', [4, 16]),
      code: 'data.file-missing',
      exitCode: 2,
      names: ['none.bin'],
    },
    {
      what: 'module that throws',
      change: (job) => {
        job.model = { module: written('model.mjs', 'throw new Error("boom")') };
      },
      code: 'frontend.model-invalid',
      exitCode: 2,
      names: ['boom'],
    },
    {
      what: 'module without a model',
      change: (job) => {
        job.model = { module: written('model.mjs', 'export const model = 1;') };
      },
      code: 'frontend.module-invalid',
      exitCode: 2,
      names: ['default export'],
    },
  ]);
});
