/** The data of a job, loaded and checked against the job. */
import { loadDataset } from '../data/dataset.js';
import type { Dataset } from '../data/dataset-form.js';
import type { ReadFileOptions } from '../data/read-file.js';
import { fail } from '../errors/index.js';
import type { JobFile } from './job-schema.js';
import { MAX_STEPS } from './schedule.js';

export interface JobData {
  readonly train: Dataset;
  readonly test?: Dataset;
  /** The number of training steps, also where the job counts epochs. */
  readonly steps: number;
}

export interface LoadJobDataOptions extends ReadFileOptions {
  /** Where paths that are still relative start; the current folder unless told. */
  readonly baseDirectory?: string;
  /** Training features that take more bytes stay in their file, where it is not compressed; unless told, all is loaded. */
  readonly mapAbove?: number;
}

/**
 * Loads the training data and, where there are some, the test data of a job.
 *
 * @throws `data.…`, `job.batch-size`, `job.test-data`, `job.steps`
 */
export async function loadJobData(job: JobFile, options: LoadJobDataOptions = {}): Promise<JobData> {
  const { mapAbove, ...reading } = options;
  const loading = { baseDirectory: '.', ...reading };
  const train = await loadDataset(job.data.train, { ...loading, ...(mapAbove !== undefined && { mapAbove }) });
  if (job.batchSize > train.count) throw fail('job.batch-size', { batchSize: job.batchSize, count: train.count });
  const steps = totalSteps(job, train.count);
  if (job.data.test === undefined) return { train, steps };
  // A text is held against the vocabulary that the model was trained with.
  const test = await loadDataset(job.data.test, { ...loading, vocabulary: train.text?.vocabulary ?? null });
  checkTestData(train, test);
  return { train, test, steps };
}

/**
 * The number of training steps. An epoch takes each example once; batches run on across epochs, so e epochs of n
 * examples are ⌈e·n / batchSize⌉ steps.
 *
 * @throws `job.steps`
 */
export function totalSteps(job: Pick<JobFile, 'steps' | 'epochs' | 'batchSize'>, count: number): number {
  const steps = job.steps ?? Math.ceil(((job.epochs ?? 0) * count) / job.batchSize);
  if (steps < 1 || steps > MAX_STEPS) throw fail('job.steps', { steps, limit: MAX_STEPS });
  return steps;
}

function checkTestData(train: Dataset, test: Dataset): void {
  const [a, b] = [describe(train), describe(test)];
  for (const what of Object.keys(a) as (keyof typeof a)[]) {
    if (a[what] !== b[what]) throw fail('job.test-data', { what, train: a[what], test: b[what] });
  }
}

/** What a model sees of a data set, in words. */
function describe({ features, labels, text }: Dataset) {
  return {
    'tokens of unit': text?.unit ?? 'none',
    'features of type': features.dtype,
    'examples of shape': `[${features.exampleShape.join(', ')}]`,
    'features scaled by': `${features.scale} + ${features.offset}`,
    'labels of kind': `${labels.kind === 'class' ? `${labels.classes} classes` : 'values'} [${labels.shape.join(', ')}]`,
  };
}
