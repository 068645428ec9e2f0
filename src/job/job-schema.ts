/** What a job file may hold, as a schema. Unknown keys are errors: a misspelt option must not be ignored. */
import { z } from 'zod';
import { DATA_FORMATS } from '../data/data-file.js';
import type { DatasetDeclaration } from '../data/dataset.js';
import type { JsonObject } from '../data/strict-json.js';
import { TEXT_UNITS } from '../data/text.js';
import { isTextDeclaration } from '../data/text-dataset.js';
import { LOSS_ALIASES, LOSS_NAMES, type LossAlias, type LossName } from '../frontend/tfjs/specification.js';
import { MAX_STEPS } from './schedule.js';

export const JOB_SCHEMA = 'gensyn.job/1';

/** The metrics that a job can name, besides the loss, which is always shown. */
export const METRICS = ['accuracy'] as const;
const MAX_EXTENT = 2 ** 31 - 1;
const MAX_CLASSES = 2 ** 24;
/** Each micro-batch is a copy of the forward and backward operators. */
const MAX_MICRO_BATCHES = 256;
/** The longest window of a text, in tokens. */
const MAX_WINDOW = 2 ** 20;

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

const windows = strict({
  file: path,
  unit: z.enum(TEXT_UNITS).exactOptional(),
  length: z.int().min(1).max(MAX_WINDOW),
  stride: z.int().min(1).max(MAX_EXTENT).exactOptional(),
});

const dataset = strict({
  features: features.exactOptional(),
  labels: labels.exactOptional(),
  text: windows.exactOptional(),
  skip: z.int().min(0).max(MAX_EXTENT).exactOptional(),
  limit: z.int().min(1).exactOptional(),
})
  .superRefine(exactlyOne('features', 'text'))
  .superRefine(({ features, labels }, context) => {
    if ((features === undefined) === (labels === undefined)) return;
    const message =
      features === undefined
        ? 'a text has no labels: each token is the label of the one before it'
        : 'labels are needed beside features';
    context.addIssue({ code: 'custom', path: ['labels'], message });
  })
  // What the checks above leave is one form or the other, which the type of the object alone cannot say.
  .transform((value) => value as DatasetDeclaration);

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
  weights: path.exactOptional(),
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
const clip = strict({
  norm: positive.exactOptional(),
  globalNorm: positive.exactOptional(),
  value: positive.exactOptional(),
})
  .superRefine(exactlyOne('norm', 'globalNorm', 'value'))
  .exactOptional();
const adam = { beta1: fraction, beta2: fraction, epsilon, clip };
/** The optimisers that the front-end knows; their learning rate is declared apart. */
const optimizer = z.discriminatedUnion('name', [
  strict({ name: z.literal('sgd'), clip }),
  strict({ name: z.literal('momentum'), momentum: fraction, nesterov: z.boolean().exactOptional(), clip }),
  strict({ name: z.literal('adam'), ...adam }),
  strict({
    name: z.literal('adamw'),
    weightDecay: share.exactOptional(),
    decayExcept: z.array(text).max(1000).exactOptional(),
    ...adam,
  }),
  strict({ name: z.literal('adamax'), ...adam }),
  strict({
    name: z.literal('rmsprop'),
    decay: fraction,
    momentum: fraction,
    epsilon,
    centered: z.boolean().exactOptional(),
    clip,
  }),
  strict({ name: z.literal('adagrad'), initialAccumulatorValue: positive.exactOptional(), clip }),
  strict({ name: z.literal('adadelta'), rho: fraction, epsilon, clip }),
]);

const ALIASES = Object.keys(LOSS_ALIASES) as LossAlias[];
/** Keras's names become ours here, so that the rest of the product knows each loss by one name. */
const loss = z
  .enum([...LOSS_NAMES, ...ALIASES])
  .transform((name): LossName => (name in LOSS_ALIASES ? LOSS_ALIASES[name as LossAlias] : (name as LossName)));

/** A job file. See docs/job.md. */
export const jobFileSchema = strict({
  schema: z.literal(JOB_SCHEMA),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name has 1 to 64 letters, digits, dots, dashes and underscores'),
  seed: count,
  model,
  data: strict({ train: dataset, test: dataset.exactOptional() }),
  loss,
  metrics: z.array(z.enum(METRICS)).max(METRICS.length).exactOptional(),
  optimizer,
  learningRate: z.union([positive, schedule], 'a number greater than 0 or a schedule is needed'),
  batchSize: z.int().min(1).max(MAX_EXTENT),
  microBatches: z.int().min(1).max(MAX_MICRO_BATCHES).exactOptional(),
  steps: z.int().min(1).max(MAX_STEPS).exactOptional(),
  epochs: z.int().min(1).max(MAX_STEPS).exactOptional(),
  checkpointEvery: z
    .int()
    .min(1)
    .max(MAX_STEPS)
    .refine((value) => (value & (value - 1)) === 0, 'a power of two is needed (1, 2, 4, 8, …)'),
})
  .superRefine(exactlyOne('steps', 'epochs'))
  .superRefine(({ data, loss }, context) => {
    const texts = [data.train, ...(data.test === undefined ? [] : [data.test])].filter(isTextDeclaration).length;
    if (texts > 0 && loss !== 'softmaxCrossEntropy') {
      const message = `a text is trained with softmaxCrossEntropy over its tokens, not with ${loss}`;
      context.addIssue({ code: 'custom', path: ['loss'], message });
    }
    if (texts === 1 && data.test !== undefined) {
      const message = 'training and test data must both be a text, or neither';
      context.addIssue({ code: 'custom', path: ['data', 'test'], message });
    }
  });

/** A job as its file says it. `readJobFile` makes the paths of files absolute. */
export type JobFile = z.infer<typeof jobFileSchema>;
