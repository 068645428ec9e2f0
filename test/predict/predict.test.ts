import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { referenceBackend } from '../../src/backends/reference/reference-backend.js';
import { createPredictor } from '../../src/run/predictor.js';
import { readTrainedState } from '../../src/run/trained-state.js';
import { runHere, runHereJson } from '../e2e/support/in-process.js';
import { writeJob } from '../e2e/support/jobs.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';
import { STORY, WINDOW, writeTextJob } from './support.js';

const folder = temporaryFolder();
let iris = '';
let story = '';
// biome-ignore lint/suspicious/noExplicitAny: results are documents of the command
let trained: { iris: any; story: any };

async function train(job: string, run: string) {
  const found = await runHereJson(['train', job, '--out', run, '--threads', '1']);
  expect(found.error).toBeNull();
  return found.result;
}

beforeAll(async () => {
  iris = folder.path('iris');
  story = folder.path('story');
  trained = {
    iris: await train(writeJob(folder.path('iris.json')), iris),
    story: await train(writeTextJob(folder.path('story.json')), story),
  };
});

const predict = (...args: string[]) => runHereJson(['predict', ...args, '--threads', '1']);

describe('predict of a model of examples', () => {
  test('meets as many test rows as the evaluation counted', async () => {
    const { result, error, exitCode } = await predict(iris, '--rows', '0..29');
    expect([error, exitCode]).toEqual([null, 0]);
    expect(result).toMatchObject({ job: 'iris', step: 40, part: 'test', names: ['setosa', 'versicolor', 'virginica'] });
    const met = result.rows.filter(({ right }: { right: boolean }) => right).length;
    expect(met / 30).toBe(trained.iris.evaluation.accuracy);
    // The fixture's species come in turn.
    result.rows.forEach((row: { row: number; label: number[]; probabilities: number[] }, at: number) => {
      expect([row.row, row.label]).toEqual([at, [at % 3]]);
      expect(row.probabilities[0]).toBeGreaterThan(1 / 3 - 1e-6);
      expect(row.probabilities[0]).toBeLessThanOrEqual(1);
    });
  });

  test('shows the first ten rows and the names of classes to people', async () => {
    const { stdout, exitCode } = await runHere(['predict', iris, '--threads', '1']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^row\s+label\s+predicted\s+probability/);
    expect(stdout).toMatch(/^9\s+setosa\s/m);
    expect(stdout).toMatch(/\d+ of 10 test rows right\n$/);
  });

  test('answers with the same bits on every backend', async () => {
    const [wasm, reference] = await Promise.all(
      ['wasm', 'reference'].map((backend) => predict(iris, '--rows', '3..5', '--backend', backend)),
    );
    expect(reference!.result.rows).toEqual(wasm!.result.rows);
    expect(wasm!.result.rows).toHaveLength(3);
  });

  test('of the genesis knows nothing: another checkpoint is another answer', async () => {
    const [before, after] = await Promise.all([predict(iris, '--checkpoint', '0'), predict(iris)]);
    expect([before!.result.step, after!.result.step]).toEqual([0, 40]);
    expect(before!.result.rows).not.toEqual(after!.result.rows);
  });

  test('predicts values where labels are values', async () => {
    const run = folder.path('values');
    const { evaluation } = await train(
      writeJob(folder.path('values.json'), (job) => {
        for (const part of [job.data.train, job.data.test]) {
          part.features.columns = ['sepal_length', 'sepal_width'];
          part.labels = { columns: ['petal_length', 'petal_width'] };
        }
        delete job.metrics;
        job.model = { layers: [{ className: 'Dense', config: { units: 2 } }] };
        job.loss = 'meanSquaredError';
      }),
      run,
    );
    const { result } = await predict(run, '--rows', '0..29');
    const errors: number[] = result.rows.flatMap(({ label, predicted }: { label: number[]; predicted: number[] }) =>
      label.map((value, at) => (value - predicted[at]!) ** 2),
    );
    // The evaluation adds up in binary32, so that the two agree to its precision.
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length / evaluation.loss).toBeCloseTo(1, 5);
    expect(result.rows[0].probabilities).toBeNull();
  });
});

describe('predict of a model of text', () => {
  const sample = async (...args: string[]): Promise<string> => {
    const { result, error } = await predict(story, ...args);
    expect(error).toBeNull();
    return result.text;
  };

  test('has learnt more than single characters tell', () => {
    const counts = [...new Set(STORY)].map((character) => STORY.split(character).length - 1);
    const entropy = -counts.reduce((sum, count) => sum + (count / STORY.length) * Math.log(count / STORY.length), 0);
    const { evaluation, language } = trained.story;
    expect(evaluation.loss).toBeLessThan(0.8 * entropy);
    expect(language).toMatchObject({
      unit: 'character',
      test: { bitsPerToken: evaluation.loss / Math.LN2, perplexity: Math.exp(evaluation.loss) },
    });
    expect(trained.iris.language).toBeNull();
  });

  test('gives as many characters of the vocabulary as asked, the same for the same seed', async () => {
    const options = ['--text', 'the ', '--tokens', '40'];
    const first = await sample(...options, '--seed', '1');
    expect(first).toHaveLength(40);
    for (const character of first) expect(STORY).toContain(character);
    expect(await sample(...options, '--seed', '1')).toBe(first);
    expect(await sample(...options, '--seed', '2')).not.toBe(first);
    expect(await sample(...options, '--seed', '1', '--backend', 'reference')).toBe(first);
  });

  test('greedy needs no seed', async () => {
    const greedy = await sample('--text', 'the ', '--tokens', '12', '--temperature', '0', '--seed', '1');
    expect(await sample('--text', 'the ', '--tokens', '12', '--temperature', '0', '--seed', '9')).toBe(greedy);
  });

  test('a temperature divides the logits, and 1 leaves them alone', async () => {
    const { bundle, checkpoint } = await readTrainedState(story);
    const predictor = await createPredictor(bundle, checkpoint.state, referenceBackend, 1);
    const question = Array.from({ length: WINDOW }, (_, at) => at % predictor.classes);
    const [plain, alsoPlain, warm] = [
      await predictor.ask(question),
      await predictor.ask(question, 1),
      await predictor.ask(question, 2),
    ];
    expect(alsoPlain).toEqual(plain);
    for (let token = 1; token < predictor.classes; token++) {
      const ratio = (values: Float32Array): number => Math.log(values[token]! / values[0]!);
      expect(ratio(warm)).toBeCloseTo(ratio(plain) / 2, 4);
    }
    expect(plain.subarray(0, predictor.classes).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
    await predictor.dispose();
  });

  test('sees no further than its window', async () => {
    const rest = ['--tokens', '8', '--temperature', '0'];
    expect(await sample('--text', `mat. the dog${' sat on'}`, ...rest)).toBe(
      await sample('--text', ' sat on', ...rest),
    );
  });

  test('prints the prompt and what follows', async () => {
    const { stdout } = await runHere(['predict', story, '--text', 'the cat', '--tokens', '5', '--threads', '1']);
    expect(stdout).toMatch(/^the cat.{5}\n$/s);
  });
});

test('a model of bytes goes on in bytes', async () => {
  const run = folder.path('bytes');
  const text = { file: folder.path('bytes.bin'), unit: 'byte', length: 4 };
  writeFileSync(text.file, Buffer.from('aéb'.repeat(20)));
  const job = writeTextJob(folder.path('bytes.json'), STORY, {
    data: { train: { text } },
    model: {
      layers: [
        { className: 'Embedding', config: { inputDim: 256, outputDim: 4 } },
        { className: 'Dense', config: { units: 256 } },
      ],
    },
    learningRate: 0.1,
  });
  const { language, evaluation } = await train(job, run);
  expect(language).toMatchObject({ unit: 'byte', test: null });
  expect(evaluation).toBeNull();
  const { result } = await predict(run, '--text', 'aé', '--tokens', '8', '--temperature', '0');
  // Each byte says which one follows it, so that even this model knows the text by heart.
  expect(result.text).toBe('baébaéb'.slice(0, 6));
});

describe('predict refuses', () => {
  const refusals: readonly [what: string, args: () => string[], code: string, named: string][] = [
    ['rows of a text', () => [story, '--rows', '0..1'], 'predict.option', '--rows'],
    ['a seed for examples', () => [iris, '--seed', '1'], 'predict.option', '--seed'],
    ['rows that are not there', () => [iris, '--rows', '25..30'], 'predict.rows', 'rows 0 to 29'],
    ['a checkpoint that is not there', () => [iris, '--checkpoint', '7'], 'predict.no-checkpoint', '0, 8, 16'],
    ['a prompt with an unknown character', () => [story, '--text', 'thé'], 'data.text-character', '"é" (U+00E9)'],
    ['an empty prompt', () => [story, '--text', ''], 'predict.prompt', '--text'],
    ['a folder that is no run', () => [folder.path('none')], 'run.missing', 'none'],
    ['rows the wrong way round', () => [iris, '--rows', '3..1'], 'command.usage', 'i..j'],
    ['a temperature below what can be computed', () => [story, '--temperature', '0.001'], 'command.usage', '0.01'],
  ];
  test.each(refusals)('%s', async (_what, args, code, named) => {
    const { error, result } = await predict(...args());
    expect([error?.code, result]).toEqual([code, null]);
    expect(`${error?.message} ${error?.hint}`).toContain(named);
  });

  test('a checkpoint that somebody changed', async () => {
    const copy = folder.path('changed');
    cpSync(iris, copy, { recursive: true });
    const path = join(copy, 'checkpoints', 'step-0000000040.safetensors');
    const bytes = readFileSync(path);
    bytes[bytes.length - 3]! ^= 1;
    writeFileSync(path, bytes);
    expect((await predict(copy)).error?.code).toBe('run.checkpoint-damaged');
  });
});

describe('a bundle of somebody else', () => {
  // biome-ignore lint/suspicious/noExplicitAny: tests write what no type allows
  async function tampered(run: string, change: (manifest: any) => void, ...args: string[]) {
    const copy = folder.path('tampered');
    cpSync(run, copy, { recursive: true });
    const path = join(copy, 'job', 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    change(manifest);
    writeFileSync(path, JSON.stringify(manifest));
    const { error, result, exitCode } = await predict(copy, ...args);
    rmSync(copy, { recursive: true });
    return { code: error?.code, exitCode, result };
  }
  // biome-ignore lint/suspicious/noExplicitAny: tests write what no type allows
  const ofStory = (change: (meaning: any) => void) => tampered(story, ({ prediction }) => change(prediction.meaning));

  test('without a prediction trains and verifies, and cannot be asked', async () => {
    expect(await tampered(iris, (manifest) => (manifest.prediction = null))).toMatchObject({
      code: 'predict.not-in-bundle',
      exitCode: 2,
    });
    expect((await tampered(iris, (manifest) => delete manifest.prediction)).code).toBe('predict.not-in-bundle');
  });

  test.each([
    [
      'out of order',
      (meaning: { vocabulary: string }) => (meaning.vocabulary = [...meaning.vocabulary].reverse().join('')),
      'data.vocabulary',
    ],
    ['too short', (meaning: { vocabulary: string }) => (meaning.vocabulary = 'ab'), 'job.bundle-invalid'],
    ['of bytes', (meaning: { vocabulary: null }) => (meaning.vocabulary = null), 'job.bundle-invalid'],
    ['too long', (meaning: { vocabulary: string }) => (meaning.vocabulary = 'a'.repeat(150_000)), 'job.bundle-invalid'],
    ['a list', (meaning: { vocabulary: unknown }) => (meaning.vocabulary = ['a', 'b']), 'job.bundle-invalid'],
    ['of another kind', (meaning: { kind: string }) => (meaning.kind = 'sound'), 'job.bundle-invalid'],
  ])('with a vocabulary %s is refused', async (_what, change, code) => {
    expect((await ofStory(change)).code).toBe(code);
  });

  test('with the wrong number of names, or a scale that no float32 has, is refused', async () => {
    // biome-ignore lint/suspicious/noExplicitAny: tests write what no type allows
    const names = (manifest: any) => manifest.prediction.meaning.names.pop();
    expect((await tampered(iris, names)).code).toBe('job.bundle-invalid');
    // biome-ignore lint/suspicious/noExplicitAny: tests write what no type allows
    const scale = (manifest: any) => (manifest.prediction.scale = 0.1);
    expect((await tampered(iris, scale)).code).toBe('job.bundle-invalid');
  });

  test('with another prediction program is refused before it runs', async () => {
    const copy = folder.path('program');
    cpSync(story, copy, { recursive: true });
    cpSync(join(iris, 'job', 'prediction.json'), join(copy, 'job', 'prediction.json'));
    cpSync(join(iris, 'job', 'prediction.safetensors'), join(copy, 'job', 'prediction.safetensors'));
    expect((await predict(copy)).error?.code).toBe('job.bundle-invalid');
  });

  test('with control characters in its names cannot reach the terminal', async () => {
    const copy = folder.path('names');
    cpSync(iris, copy, { recursive: true });
    const path = join(copy, 'job', 'manifest.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"setosa"', '"\\u001b[2J\\nx"'));
    const { stdout, exitCode } = await runHere(['predict', copy, '--threads', '1']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('\u{fffd}[2J\u{fffd}x');
    expect(stdout).not.toContain('\u001b');
  });
});
