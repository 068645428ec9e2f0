/** Small jobs, made from the fixtures. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../../../commands/version.js';

const FIXTURES = join(packageFolder(), 'fixtures');

/** A job file as plain data; tests change what they want to see refused. */
// biome-ignore lint/suspicious/noExplicitAny: tests write what no type allows
export type JobDocument = any;

/** The Iris job with absolute paths, 40 training steps and a checkpoint every 8: five intervals. */
export function smallJob(): JobDocument {
  const job = JSON.parse(readFileSync(join(FIXTURES, 'jobs', 'iris.json'), 'utf8'));
  job.model.file = join(FIXTURES, 'models', 'iris.json');
  for (const part of [job.data.train, job.data.test]) part.features.file = join(FIXTURES, 'data', 'iris.csv');
  return { ...job, steps: 40, checkpointEvery: 8 };
}

/** What a test changes: keys of the job, or anything inside it. */
export type JobChange = Readonly<Record<string, unknown>> | ((job: JobDocument) => void);

/** Writes the small job, changed, and gives its path. */
export function writeJob(path: string, change: JobChange = {}): string {
  const job = smallJob();
  if (typeof change === 'function') change(job);
  else Object.assign(job, change);
  writeFileSync(path, JSON.stringify(job));
  return path;
}

/** The layers of an inline model that fits the Iris data. */
export function denseLayers(): JobDocument[] {
  return [
    { className: 'Dense', config: { units: 8, activation: 'relu' } },
    { className: 'Dense', config: { units: 3 } },
  ];
}

/** The text of the Iris data. */
export function irisText(): string {
  return readFileSync(join(FIXTURES, 'data', 'iris.csv'), 'utf8');
}
