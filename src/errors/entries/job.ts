import { defineErrors } from '../kinds.js';

/** Job files that ask for something impossible or unclear. */
export const JOB_ERRORS = defineErrors({
  'job.missing': {
    kind: 'usage',
    title: 'Job file not found',
    template: 'There is no job file {path}.',
    hint: 'Check the path, or make a job with "gensyn init".',
  },
  'job.schema': {
    kind: 'usage',
    title: 'Not a job file of this version',
    template: '{path} has the schema {found}; this build reads {expected}.',
    hint: 'Put "schema": "{expected}" at the top if it is a job file, or use the release it was written for.',
  },
  'job.unknown-key': {
    kind: 'usage',
    title: 'Unknown key in the job file',
    template: '{path} has the key "{key}" in {where}, which is not known there; known are {known}.',
    hint: 'Correct its spelling or remove it.',
  },
  'job.invalid': {
    kind: 'usage',
    title: 'Job file is not valid',
    template: '{path} is not valid at {where}: {reason}.',
    hint: 'Correct it; docs/job.md describes every key.',
  },
  'job.batch-size': {
    kind: 'usage',
    title: 'Batch is larger than the data set',
    template: 'The batch size is {batchSize}, but the training data has only {count} examples.',
    hint: 'Lower "batchSize" to at most {count}, or use more data.',
  },
  'job.test-data': {
    kind: 'usage',
    title: 'Test data does not fit the training data',
    template: 'The test data has {what} {test}; the training data has {train}.',
    hint: 'Declare both the same way in the "data" section of the job file.',
  },
  'job.steps': {
    kind: 'usage',
    title: 'Too many training steps',
    template: 'The job has {steps} training steps; it must have at least 1 and at most {limit}.',
    hint: 'Change "steps" or "epochs" in the job file.',
  },
  'job.warmup': {
    kind: 'usage',
    title: 'Warm-up is longer than the training',
    template: 'The learning rate warms up for {warmupSteps} steps, but the job has only {steps}.',
    hint: 'Lower "warmupSteps", or train for more steps.',
  },
  'job.answer': {
    kind: 'usage',
    title: 'Answer is not usable',
    template: 'The answer {answer} to "{question}" cannot be used: {reason}.',
    hint: 'Answer again.',
  },
});
