import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../run/support/temporary-folder.js';
import { type Document, gensynJson, trained } from './support/gensyn.js';
import { runHereJson } from './support/in-process.js';
import { irisText, type JobChange, writeJob } from './support/jobs.js';

const folder = temporaryFolder();
const HASH = /^0x[0-9a-f]{64}$/;
let job = '';
let document: Document & { exitCode: number };

beforeAll(async () => {
  job = writeJob(folder.path('job.json'));
  document = await gensynJson(['train', job, '--out', folder.path('run')]);
});

describe('the document of a training', () => {
  test('has the keys that scripts rely on, in their order', () => {
    expect(Object.keys(document).slice(0, -1)).toEqual(['schema', 'ok', 'result', 'warnings', 'error', 'meta']);
    expect(document).toMatchObject({ exitCode: 0, schema: 'gensyn.train/1', ok: true, warnings: [], error: null });
    expect(Object.keys(document.meta)).toEqual(['version', 'durationMs']);
    const promised = [
      'jobHash',
      'run',
      'backend',
      'steps',
      'traceRoot',
      'finalStateRoot',
      'checkpoints',
      'loss',
      'stepsPerSecond',
    ];
    expect(Object.keys(document.result).filter((key) => promised.includes(key))).toEqual(promised);
  });

  test('names the checkpoints 0, E, 2E, …, S, and the last of them is the final state', () => {
    const { checkpoints, finalStateRoot, steps } = document.result;
    expect(checkpoints.map(({ step }: { step: number }) => step)).toEqual([0, 8, 16, 24, 32, 40]);
    expect(Object.keys(checkpoints[0])).toEqual(['step', 'stateRoot']);
    for (const { stateRoot } of checkpoints) expect(stateRoot).toMatch(HASH);
    expect(checkpoints.at(-1).stateRoot).toBe(finalStateRoot);
    expect(steps).toBe(40);
  });

  test('says the loss twice, as a number and as the bits that were computed', () => {
    const { loss } = document.result;
    expect(Object.keys(loss)).toEqual(['value', 'bits']);
    expect(new Float32Array(Uint32Array.of(Number(loss.bits)).buffer)[0]).toBe(loss.value);
  });

  test('agrees with the trace on disk', () => {
    const lines = readFileSync(join(document.result.run, 'trace.jsonl'), 'utf8').trimEnd().split('\n');
    const records = lines.slice(1).map((line) => JSON.parse(line));
    expect(records).toEqual(document.result.checkpoints);
    expect(JSON.parse(lines[0]!)).toMatchObject({ jobHash: document.result.jobHash, steps: 40, checkpointEvery: 8 });
  });
});

describe('one job has one trace', () => {
  test.each(['1', '2', '3'])('on %s threads', async (threads) => {
    const { traceRoot } = await trained([job, '--out', folder.path('run'), '--threads', threads]);
    expect(traceRoot).toBe(document.result.traceRoot);
  });

  test('on another backend', async () => {
    const { traceRoot, backend } = await trained([job, '--out', folder.path('run'), '--backend', 'reference']);
    expect({ traceRoot, backend }).toEqual({ traceRoot: document.result.traceRoot, backend: 'reference' });
  });

  test('compiled to a bundle, twice, and trained from there', async () => {
    const bundles = [folder.path('bundle'), folder.path('bundle')];
    for (const out of bundles) {
      const { result } = await gensynJson(['compile', job, '--out', out]);
      expect(result.jobHash).toBe(document.result.jobHash);
    }
    for (const name of ['program.json', 'constants.safetensors', 'genesis.safetensors', 'manifest.json']) {
      expect(readFileSync(join(bundles[0]!, name)).equals(readFileSync(join(bundles[1]!, name)))).toBe(true);
    }
    const { traceRoot, jobHash } = await trained([bundles[0]!, '--out', folder.path('run')]);
    expect({ traceRoot, jobHash }).toEqual({ traceRoot: document.result.traceRoot, jobHash: document.result.jobHash });
  });
});

describe('fewer steps than the job has', () => {
  test.each([
    ['the job file', () => Promise.resolve(job)],
    [
      'its bundle',
      async () => {
        const bundle = folder.path('bundle');
        await gensynJson(['compile', job, '--out', bundle]);
        return bundle;
      },
    ],
  ])('are the first steps of the same run, from %s', async (_, source) => {
    const short = await trained([await source(), '--out', folder.path('run'), '--steps', '16']);
    expect(short.checkpoints).toEqual(document.result.checkpoints.slice(0, 3));
    expect(short.jobHash).not.toBe(document.result.jobHash);
  });

  test('may be fewer than the schedule warms up for', async () => {
    const warming = writeJob(folder.path('job.json'), {
      learningRate: { schedule: 'warmup-cosine', peak: 0.05, warmupSteps: 10 },
    });
    const { steps, traceRoot } = await trained([warming, '--out', folder.path('run'), '--steps', '2']);
    expect(steps).toBe(2);
    expect(traceRoot).toMatch(HASH);
  });
});

describe('another job has another hash', () => {
  test('where seed, learning rate, steps, checkpoint interval or one byte of the data differ', async () => {
    const data = folder.path('iris.csv');
    writeFileSync(data, irisText().replace('5.1,3.5,1.4', '5.1,3.5,1.5'));
    const changes: JobChange[] = [
      { seed: 0 },
      { seed: 1 },
      { learningRate: 0.051 },
      { steps: 39 },
      { checkpointEvery: 4 },
      (changed) => {
        changed.data.train.features.file = data;
      },
    ];
    const hashes = [document.result.jobHash];
    for (const change of changes) {
      const { result } = await runHereJson([
        'compile',
        writeJob(folder.path('job.json'), change),
        '--out',
        folder.path('bundle'),
      ]);
      hashes.push(result.jobHash);
    }
    expect(new Set(hashes).size).toBe(changes.length + 1);
  });

  test('but not where only the evaluation differs, which decides no bit', async () => {
    const other = writeJob(folder.path('job.json'), (changed) => delete changed.data.test);
    const { jobHash, evaluation } = await trained([other, '--out', folder.path('run')]);
    expect(jobHash).toBe(document.result.jobHash);
    expect(evaluation).toBeNull();
    expect(document.result.evaluation).toMatchObject({ examples: 30 });
  });
});

describe('a training whose numbers leave the finite ones', () => {
  test('is reported, and its run is verified like any other', async () => {
    const wild = writeJob(folder.path('job.json'), { learningRate: 1e38 });
    const run = folder.path('run');
    const { exitCode, result, warnings } = await gensynJson(['train', wild, '--out', run]);
    expect(exitCode).toBe(0);
    expect(result.divergedAtStep).toBeGreaterThan(0);
    expect(result.loss).toEqual({ value: 'NaN', bits: '0x7fc00000' });
    expect(warnings.join()).toMatch(/loss was not a finite number at step \d+/);
    expect(await gensynJson(['verify', run])).toMatchObject({ exitCode: 0, result: { verdict: 'verified' } });
  });
});
