/** Readers of what a client writes: job files, models, weights. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../../../commands/version.js';
import { writeSafetensors } from '../../../src/data/safetensors.js';
import { parseJsonStrict } from '../../../src/data/strict-json.js';
import { fromKeras3 } from '../../../src/frontend/tfjs/keras-dialect.js';
import { checkJobFile, MAX_JOB_BYTES, withAbsolutePaths } from '../../../src/job/job-file.js';
import { readModelFile } from '../../../src/job/model-file.js';
import { readWeightsFile } from '../../../src/job/weights-file.js';
import { KERAS_TOPOLOGIES } from '../../../test/frontend/support/keras-topologies.js';
import { parserTarget } from '../parser-target.js';
import { scratchFolder } from '../scratch.js';
import type { Target } from '../target.js';

const sample = (path: string): Uint8Array => new Uint8Array(readFileSync(join(packageFolder(), 'fixtures', path)));
const JOBS = ['iris', 'fashion-mlp', 'fashion-cnn', 'char-lstm', 'char-transformer'];
const utf8 = (value: unknown): Uint8Array => new Uint8Array(Buffer.from(JSON.stringify(value)));

/** A model with a weight file of eight bytes beside it. */
const WEIGHTED_MODEL = {
  modelTopology: { class_name: 'Sequential', config: { name: 'm', layers: [] } },
  weightsManifest: [{ paths: ['weights.bin'], weights: [{ name: 'dense/kernel', shape: [1, 2], dtype: 'float32' }] }],
};

export const JOB_TARGETS: readonly Target[] = [
  parserTarget('job-file', () => ({
    form: 'json',
    samples: JOBS.map((name) => sample(`jobs/${name}.json`)),
    parse: (bytes) => {
      const job = checkJobFile(parseJsonStrict(bytes, { maxBytes: MAX_JOB_BYTES }), 'job.json');
      withAbsolutePaths(job, '/jobs');
      return job;
    },
    write: (job) => JSON.stringify(job),
  })),
  parserTarget('keras-dialect', () => ({
    form: 'json',
    samples: [...KERAS_TOPOLOGIES.map(utf8), topology('fashion-mlp'), topology('iris')],
    parse: (bytes) => fromKeras3(asObject(parseJsonStrict(bytes, { maxBytes: MAX_JOB_BYTES }))),
  })),
  parserTarget('model-file', modelFiles),
  parserTarget('weights-file', weightsFiles),
];

async function modelFiles() {
  const scratch = await scratchFolder();
  await scratch.write('weights.bin', new Uint8Array(8));
  return {
    form: 'json' as const,
    samples: [utf8(WEIGHTED_MODEL), sample('models/fashion-mlp.json')],
    parse: async (bytes: Uint8Array) => readModelFile(await scratch.write('model.json', bytes)),
    close: scratch.remove,
  };
}

async function weightsFiles() {
  const scratch = await scratchFolder();
  const data = new Uint8Array(24);
  return {
    form: 'bytes' as const,
    samples: [
      writeSafetensors([{ name: 'dense/kernel', dtype: 'F32', shape: [2, 3], data }]),
      writeSafetensors([{ name: 'dense/bias', dtype: 'F64', shape: [3], data }]),
    ],
    parse: async (bytes: Uint8Array) => readWeightsFile(await scratch.write('weights.safetensors', bytes)),
    close: scratch.remove,
  };
}

function topology(name: string): Uint8Array {
  const { modelTopology } = JSON.parse(Buffer.from(sample(`models/${name}.json`)).toString()) as {
    modelTopology: unknown;
  };
  return utf8(modelTopology);
}

/** What stands before the dialect refuses what is no object. */
function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
