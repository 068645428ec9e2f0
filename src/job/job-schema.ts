/** What a job file may hold, as a schema. Unknown keys are errors: a misspelt option must not be ignored. */
import { z } from 'zod';
import { DATA_FORMATS } from '../data/data-file.js';
import type { JsonObject } from '../data/strict-json.js';
import { LOSS_NAMES } from '../frontend/tfjs/specification.js';
import { MAX_STEPS } from './schedule.js';

export const JOB_SCHEMA = 'gensyn.job/1';

/** The metrics that a job can name, besides the loss, which is always shown. */
export const METRICS = ['accuracy'] as const;
export type MetricName = (typeof METRICS)[number];

const MAX_EXTENT = 2 ** 31 - 1;
const MAX_CLASSES = 2 ** 24;

/** A strict object whose message for an unknown key names the known ones. */
function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(', ') : undefined),
  });
}

/** Of some keys, exactly one must be there. */
function exactlyOne(...keys: readonly string[]) {
  return (value: object, context: z.RefinementCtx): void => {
    const given = keys.filter((key) => (value as Record<string, unknown>)[key] !== undefined);
    if (given.length === 1) return;
    const found = given.length === 0 ? 'none of them is there' : `${given.join(' and ')} are both there`;
    context.addIssue({ code: 'custom', message: `exactly one of ${keys.join(', ')} is needed; ${found}` });
  };
}

const text = z.string().min(1).max(4096);
const path = text.refine((value) => !value.includes('\0'), 'a path cannot hold a zero byte');
const count = z.int().min(0);
/** A number that is still finite as binary32, which is what the program computes with. */
const real = z.number().refine((value) => Number.isFinite(Math.fround(value)), 'the number is too large for float32');
const positive = real.refine((value) => Math.fround(value) > 0, 'a number greater than 0 (as float32) is needed');
const share = real.min(0).refine((value) => Math.fround(value) < 1, 'a number below 1 (as float32) is needed');
const names = z.array(text).min(1).max(100_000);
const classes = z.union(
  [z.int().min(2).max(MAX_CLASSES), z.array(text).min(2).max(100_000).refine(distinct, 'a class is named twice')],
  'the number of classes or a list of their names is needed',
);

function distinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

const features = strict({
  file: path,
  format: z.enum(DATA_FORMATS).exactOptional(),
  tensor: text.exactOptional(),
  columns: names.refine(distinct, 'a column is named twice').exactOptional(),
  shape: z.array(z.int().min(1).max(MAX_EXTENT)).min(1).max(7).exactOptional(),
  scale: real.exactOptional(),
  offset: real.exactOptional(),
});

const labels = strict({
  file: path.exactOptional(),
  format: z.enum(DATA_FORMATS).exactOptional(),
  tensor: text.exactOptional(),
  column: text.exactOptional(),
  columns: names.exactOptional(),
  classes: classes.exactOptional(),
}).refine(
  (value) => value.column === undefined || value.columns === undefined,
  'column and columns exclude each other',
);

const dataset = strict({
  features,
  labels,
  skip: count.exactOptional(),
  limit: z.int().min(1).exactOptional(),
});

/** Configurations of layers are the front-end's to judge; here they only have to be plain data. */
const plainObject = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'an object is needed',
);

const model = strict({
  file: path.exactOptional(),
  module: path.exactOptional(),
  layers: z
    .array(strict({ className: text, config: plainObject.exactOptional() }))
    .min(1)
    .max(10_000)
    .exactOptional(),
}).superRefine(exactlyOne('file', 'module', 'layers'));

const warmupSteps = z.int().min(0).max(MAX_STEPS).exactOptional();
const decay = { peak: positive, warmupSteps, final: real.min(0).exactOptional() };
const schedule = z.discriminatedUnion('schedule', [
  strict({ schedule: z.literal('constant'), peak: positive, warmupSteps }),
  strict({ schedule: z.literal('linear'), ...decay }),
  strict({ schedule: z.literal('cosine'), ...decay }),
  strict({ schedule: z.literal('warmup-linear'), ...decay, warmupSteps: z.int().min(1).max(MAX_STEPS) }),
  strict({ schedule: z.literal('warmup-cosine'), ...decay, warmupSteps: z.int().min(1).max(MAX_STEPS) }),
  strict({
    schedule: z.literal('step'),
    peak: positive,
    warmupSteps,
    every: z.int().min(1).max(MAX_STEPS),
    factor: positive,
  }),
]);

const epsilon = positive.exactOptional();
const fraction = share.exactOptional();
/** The optimisers that the front-end knows; their learning rate is declared apart. */
const optimizer = z.discriminatedUnion('name', [
  strict({ name: z.literal('sgd') }),
  strict({ name: z.literal('momentum'), momentum: fraction, nesterov: z.boolean().exactOptional() }),
  strict({ name: z.literal('adam'), beta1: fraction, beta2: fraction, epsilon }),
  strict({ name: z.literal('adamax'), beta1: fraction, beta2: fraction, epsilon }),
  strict({ name: z.literal('rmsprop'), decay: fraction, momentum: fraction, epsilon }),
  strict({ name: z.literal('adagrad'), initialAccumulatorValue: positive.exactOptional() }),
  strict({ name: z.literal('adadelta'), rho: fraction, epsilon }),
]);

/** A job file. See docs/job.md. */
export const jobFileSchema = strict({
  schema: z.literal(JOB_SCHEMA),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name has 1 to 64 letters, digits, dots, dashes and underscores'),
  seed: count,
  model,
  data: strict({ train: dataset, test: dataset.exactOptional() }),
  loss: z.enum(LOSS_NAMES),
  metrics: z.array(z.enum(METRICS)).max(METRICS.length).exactOptional(),
  optimizer,
  learningRate: z.union([positive, schedule], 'a number greater than 0 or a schedule is needed'),
  batchSize: z.int().min(1).max(MAX_EXTENT),
  steps: z.int().min(1).max(MAX_STEPS).exactOptional(),
  epochs: z.int().min(1).max(MAX_STEPS).exactOptional(),
  checkpointEvery: z
    .int()
    .min(1)
    .max(MAX_STEPS)
    .refine((value) => (value & (value - 1)) === 0, 'a power of two is needed (1, 2, 4, 8, …)'),
}).superRefine(exactlyOne('steps', 'epochs'));

/** A job as its file says it. `readJobFile` makes the paths of files absolute. */
export type JobFile = z.infer<typeof jobFileSchema>;
export type OptimizerDeclaration = JobFile['optimizer'];
