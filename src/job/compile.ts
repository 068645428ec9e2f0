/** Turns a job file into a bundle: records the training step, lowers it, and computes the genesis state. */
import { pathToFileURL } from 'node:url';
import type { Backend, Words } from '../backends/backend.js';
import type { Dataset } from '../data/dataset.js';
import { fail } from '../errors/index.js';
import { MAXIMUM_SAMPLES, samplesFit } from '../expr/shuffle.js';
import {
  gatherRows,
  rowWeights,
  type ShuffledRowsParameters,
  scheduleValue,
  sequentialRows,
  shuffledRows,
} from '../frontend/lowering/batch.js';
import type { LazyTensor } from '../frontend/lowering/lazy-tensor.js';
import { type BatchBinding, type LoweredRecording, lowerRecording } from '../frontend/lowering/lower-recording.js';
import type { ProgramBuilder } from '../frontend/lowering/program-builder.js';
import type { Recording } from '../frontend/recording.js';
import { recordInWorker } from '../frontend/tfjs/record.js';
import type { ModelSource } from '../frontend/tfjs/specification.js';
import { type Bundle, type Evaluation, resealBundle, sealBundle } from './bundle.js';
import { sequentialTopology } from './inline-model.js';
import { loadJobData } from './job-data.js';
import { readJobFile } from './job-file.js';
import type { JobFile } from './job-schema.js';
import { readModelFile } from './model-file.js';
import { learningRateTable } from './schedule.js';

export interface CompileOverrides {
  readonly steps?: number | undefined;
  readonly checkpointEvery?: number | undefined;
}

export interface CompiledJob {
  readonly bundle: Bundle;
  readonly warnings: readonly string[];
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
): Promise<CompiledJob> {
  const job = await readJobFile(path);
  const { bundle, warnings } = await compileJob(job, backend);
  const { steps = bundle.steps, checkpointEvery } = overrides;
  if (steps <= bundle.steps) return { bundle: resealBundle(bundle, { steps, checkpointEvery }), warnings };
  const { epochs: _, ...rest } = job;
  return compileJob({ ...rest, steps, checkpointEvery: checkpointEvery ?? job.checkpointEvery }, backend);
}

/** Compiles a job whose paths are absolute. The backend, which must be canonical, computes the genesis state. */
export async function compileJob(job: JobFile, backend: Backend): Promise<CompiledJob> {
  const { train, test, steps } = await loadJobData(job);
  if (!samplesFit(steps, job.batchSize)) {
    throw fail('job.too-many-samples', { steps, batchSize: job.batchSize, limit: MAXIMUM_SAMPLES });
  }
  const evaluationBatchSize = test === undefined ? 0 : Math.min(test.count, EVALUATION_BATCH);
  const recorded = await recordInWorker({
    model: await modelSource(job, train.features.exampleShape),
    loss: job.loss,
    optimizer: job.optimizer,
    metrics: job.metrics ?? [],
    batchSize: job.batchSize,
    evaluationBatchSize,
    inputShape: train.features.exampleShape,
    labels: train.labels,
  });
  const { seed } = job;
  const table = learningRateTable(job.learningRate, steps);
  const training = lowerRecording({
    recording: recorded.training,
    seed,
    bind: {
      ...datasetBindings(recorded.training, train, (builder) =>
        shuffledRows(builder, { count: train.count, batch: job.batchSize }),
      ),
      learningRate: (builder) => {
        const words = new Uint32Array(table.buffer);
        return scheduleValue(builder.constant({ name: 'learning_rate', dtype: 'f32', shape: [steps] }, words), steps);
      },
    },
  });
  const genesis = lowerRecording({ recording: recorded.genesis, seed, bind: {} });
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
  });
  return { bundle, warnings: recorded.warnings };
}

async function modelSource({ model, name }: JobFile, exampleShape: readonly number[]): Promise<ModelSource> {
  if (model.module !== undefined) return { kind: 'module', url: pathToFileURL(model.module).href };
  if (model.file !== undefined) return readModelFile(model.file);
  return { kind: 'topology', json: sequentialTopology(name, model.layers ?? [], exampleShape) };
}

/** Features `x` and labels `y` as rows of the dataset. */
function datasetBindings(
  recording: Recording,
  { features, labels, count }: Dataset,
  rowsOf: (builder: ProgramBuilder) => LazyTensor,
): Record<'x' | 'y', BatchBinding> {
  const typeOf = (name: string) => recording.batch.find((input) => input.name === name)?.dtype ?? 'float32';
  const labelDType = labels.kind === 'class' ? labels.dtype : 'f32';
  return {
    x: (builder) =>
      gatherRows({
        rows: rowsOf(builder),
        data: builder.constant(
          { name: 'features', dtype: features.dtype, shape: [count, ...features.exampleShape] },
          features.words,
        ),
        count,
        exampleShape: features.exampleShape,
        dtype: typeOf('x'),
        scale: features.scale,
        offset: features.offset,
      }),
    y: (builder) =>
      gatherRows({
        rows: rowsOf(builder),
        data: builder.constant({ name: 'labels', dtype: labelDType, shape: [count, ...labels.shape] }, labels.words),
        count,
        exampleShape: labels.shape,
        dtype: typeOf('y'),
      }),
  };
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
