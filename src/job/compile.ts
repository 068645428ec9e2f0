/** Turns a job file into a bundle: records the training step, lowers it, and computes the genesis state. */
import { pathToFileURL } from 'node:url';
import type { Backend, Words } from '../backends/backend.js';
import type { Dataset } from '../data/dataset-form.js';
import { fail } from '../errors/index.js';
import { MAXIMUM_SAMPLES, samplesFit } from '../expr/shuffle.js';
import { MAP_ABOVE_BYTES } from '../files/file-words.js';
import {
  rowWeights,
  type ShuffledRowsParameters,
  scheduleValue,
  sequentialRows,
  shuffledRows,
} from '../frontend/lowering/batch.js';
import { type LoweredRecording, lowerOverFiles, lowerRecording } from '../frontend/lowering/lower-recording.js';
import type { RecordedStep } from '../frontend/lowering/recorded-step.js';
import type { Recording } from '../frontend/recording.js';
import { recordInWorker } from '../frontend/tfjs/record.js';
import type { ModelSource } from '../frontend/tfjs/specification.js';
import { type Bundle, type Evaluation, resealBundle, sealBundle } from './bundle.js';
import { compilePrediction } from './compile-prediction.js';
import { datasetBindings } from './dataset-bindings.js';
import { sequentialTopology } from './inline-model.js';
import { loadJobData } from './job-data.js';
import { readJobFile } from './job-file.js';
import type { JobFile } from './job-schema.js';
import { readModelFile } from './model-file.js';
import { learningRateTable } from './schedule.js';
import { readWeightsFile } from './weights-file.js';

export interface CompileOverrides {
  readonly steps?: number | undefined;
  readonly checkpointEvery?: number | undefined;
}

export interface CompileOptions {
  /** Training features of more bytes stay in their file, and are only hashed; 256 MiB unless told. */
  readonly mapAbove?: number;
}

export interface CompiledJob {
  readonly bundle: Bundle;
  readonly warnings: readonly string[];
  /** What the program was lowered from, for those who compute it otherwise. It is not part of the bundle. */
  readonly step: RecordedStep;
}

/** Examples in a batch of the evaluation, where there are as many. */
const EVALUATION_BATCH = 250;

/**
 * Compiles a job file. The same file and data give the same job hash on every machine.
 *
 * Fewer steps than the file says are the first steps of the same program: its learning rates stay, and so does every
 * state root. More steps are another program, whose schedule is stretched.
 *
 * @throws the errors of `readJobFile`, `loadJobData`, the front-end (`frontend.…`, `lowering.…`) and `sealBundle`
 */
export async function compileJobFile(
  path: string,
  overrides: CompileOverrides,
  backend: Backend,
  options: CompileOptions = {},
): Promise<CompiledJob> {
  const job = await readJobFile(path);
  const { bundle, ...rest } = await compileJob(job, backend, options);
  const { steps = bundle.steps, checkpointEvery } = overrides;
  if (steps <= bundle.steps) return { bundle: resealBundle(bundle, { steps, checkpointEvery }), ...rest };
  const { epochs: _, ...longer } = job;
  return compileJob({ ...longer, steps, checkpointEvery: checkpointEvery ?? job.checkpointEvery }, backend, options);
}

/** Compiles a job whose paths are absolute. The backend, which must be canonical, computes the genesis state. */
export async function compileJob(
  job: JobFile,
  backend: Backend,
  { mapAbove = MAP_ABOVE_BYTES }: CompileOptions = {},
): Promise<CompiledJob> {
  const { train, test, steps } = await loadJobData(job, { mapAbove });
  if (!samplesFit(steps, job.batchSize)) {
    throw fail('job.too-many-samples', { steps, batchSize: job.batchSize, limit: MAXIMUM_SAMPLES });
  }
  const evaluationBatchSize = test === undefined ? 0 : Math.min(test.count, EVALUATION_BATCH);
  const recorded = await recordInWorker({
    model: await modelSource(job, train.features.exampleShape),
    ...(job.model.weights !== undefined && { initialWeights: await readWeightsFile(job.model.weights) }),
    loss: job.loss,
    optimizer: job.optimizer,
    metrics: job.metrics ?? [],
    batchSize: job.batchSize,
    ...(job.microBatches !== undefined && { microBatches: job.microBatches }),
    seed: job.seed,
    evaluationBatchSize,
    inputShape: train.features.exampleShape,
    labels: train.labels,
  });
  const { seed } = job;
  const step = recordedStep(recorded.training, job, train, steps);
  const training = lowerOverFiles({ ...step, bind: step.bind() });
  const genesis = lowerRecording({ recording: recorded.genesis, seed, bind: {} });
  const asked = compilePrediction(recorded.prediction, job, train);
  const bundle = sealBundle({
    name: job.name,
    program: training.program,
    constants: training.constants,
    genesis: await computeGenesis(genesis, backend),
    steps,
    checkpointEvery: job.checkpointEvery,
    evaluation:
      test === undefined || recorded.evaluation === null
        ? null
        : compileEvaluation(recorded.evaluation, test, { count: test.count, batch: evaluationBatchSize }, seed),
    prediction: asked.prediction,
  });
  return { bundle, warnings: [...recorded.warnings, ...asked.warnings], step };
}

/** The training step with its batches in shuffled order and its learning rates. */
function recordedStep(recording: Recording, job: JobFile, train: Dataset, steps: number): RecordedStep {
  const table = learningRateTable(job.learningRate, steps);
  const rows = { count: train.count, batch: job.batchSize };
  return {
    recording,
    seed: job.seed,
    bind: () => ({
      ...datasetBindings(recording, train, (builder) => shuffledRows(builder, rows)),
      learningRate: (builder) => {
        const words = new Uint32Array(table.buffer);
        return scheduleValue(builder.constant({ name: 'learning_rate', dtype: 'f32', shape: [steps] }, words), steps);
      },
    }),
  };
}

async function modelSource({ model, name }: JobFile, exampleShape: readonly number[]): Promise<ModelSource> {
  if (model.module !== undefined) return { kind: 'module', url: pathToFileURL(model.module).href };
  if (model.file !== undefined) return readModelFile(model.file);
  return { kind: 'topology', json: sequentialTopology(name, model.layers ?? [], exampleShape) };
}

/** Batches in the data's own order; rows behind the last example weigh nothing. */
function compileEvaluation(
  recording: Recording,
  test: Dataset,
  rows: ShuffledRowsParameters,
  seed: number,
): Evaluation {
  const { count, batch } = rows;
  const bind = { ...datasetBindings(recording, test, () => sequentialRows(rows)), weight: () => rowWeights(rows) };
  const { program, constants } = lowerRecording({ recording, seed, bind });
  return { program, constants, batches: Math.ceil(count / batch) };
}

/** The genesis state is a program too: one step from nothing. */
async function computeGenesis({ program, constants }: LoweredRecording, backend: Backend): Promise<readonly Words[]> {
  const executor = await backend.prepare(program, constants, { threads: 1 });
  try {
    await executor.run(0, 1);
    return await executor.readState();
  } finally {
    await executor.dispose();
  }
}
