import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../run/support/temporary-folder.js';
import { gensyn, gensynJson, start, trained } from './support/gensyn.js';
import { writeJob } from './support/jobs.js';
import { lineCount, until, untilSays } from './support/moments.js';

const folder = temporaryFolder();
const [STEPS, EVERY] = [512, 8];
let jobFile = '';
let bundle = '';
let undisturbed = '';
let wanted = '';

beforeAll(async () => {
  jobFile = writeJob(folder.path('job.json'), { steps: STEPS, checkpointEvery: EVERY });
  bundle = folder.path('bundle');
  expect((await gensyn(['compile', jobFile, '--out', bundle])).exitCode).toBe(0);
  undisturbed = folder.path('undisturbed');
  wanted = (await trained([bundle, '--out', undisturbed])).traceRoot;
});

/** Every file below a folder. */
function filesOf(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
}

describe('a training that is killed', () => {
  test('ten times, at any moment, ends at the root of one that was left alone', async () => {
    const run = folder.path('run');
    const trace = join(run, 'trace.jsonl');
    for (let kill = 0; kill < 10; kill++) {
      // Both backends go on where the other one was killed; the slow one is not done before it is killed.
      const child = start(['train', bundle, '--out', run, '--backend', kill % 2 === 0 ? 'reference' : 'wasm']);
      if (kill % 2 === 0) {
        await pause(Math.random() * 500);
      } else {
        // Some checkpoints further, and then at no moment in particular.
        const lines = lineCount(trace) + 1 + Math.floor(Math.random() * 3);
        await until(child, () => lineCount(trace) >= lines);
        await pause(Math.random() * 10);
      }
      child.kill('SIGKILL');
      await child.ended;
    }
    expect(lineCount(trace)).toBeLessThan(STEPS / EVERY + 2);
    const { traceRoot, checkpoints } = await trained([bundle, '--out', run]);
    expect(traceRoot).toBe(wanted);
    expect(checkpoints).toHaveLength(STEPS / EVERY + 1);
    expect(lineCount(join(run, 'metrics.jsonl'))).toBe(STEPS);
    expect(filesOf(run).filter((name) => name.endsWith('.tmp') || name === 'run.lock')).toEqual([]);
    expect(await gensynJson(['verify', run])).toMatchObject({ exitCode: 0, result: { verdict: 'verified' } });
  });

  test('while it writes its copy of the job goes on as if nothing had been', async () => {
    for (const file of ['.', 'genesis.safetensors', 'manifest.json']) {
      const run = folder.path('run');
      const child = start(['train', bundle, '--out', run]);
      await until(child, () => existsSync(join(run, 'job', file)));
      child.kill('SIGKILL');
      await child.ended;
      const { traceRoot, exitCode } = await gensynJson(['train', bundle, '--out', run]).then(
        ({ result, exitCode }) => ({
          ...result,
          exitCode,
        }),
      );
      expect({ traceRoot, exitCode }).toEqual({ traceRoot: wanted, exitCode: 0 });
    }
  });
});

describe('a compiler that is killed', () => {
  test('while it writes a bundle leaves nothing that passes for one, and the same command makes it whole', async () => {
    for (const file of ['.', 'evaluation.json']) {
      const out = folder.path('bundle');
      const child = start(['compile', jobFile, '--out', out]);
      await until(child, () => existsSync(join(out, file)));
      child.kill('SIGKILL');
      await child.ended;
      expect([0, 2, 6]).toContain((await gensyn(['inspect', out])).exitCode);
      expect(await gensyn(['compile', jobFile, '--out', out])).toMatchObject({ exitCode: 0 });
      for (const name of readdirSync(bundle)) {
        expect(readFileSync(join(out, name)).equals(readFileSync(join(bundle, name)))).toBe(true);
      }
      expect(readdirSync(out).sort()).toEqual(readdirSync(bundle).sort());
    }
  });
});

describe('a training that is asked to stop', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s keeps its state, says how to go on, and does', async (signal, code) => {
    // One checkpoint at the end only: what is kept lies between checkpoints. The slow backend leaves time to stop it, and
    // the fast one goes on from there.
    const job = writeJob(folder.path('job.json'), { steps: STEPS, checkpointEvery: STEPS });
    const run = folder.path('run');
    const child = start(['train', job, '--out', run, '--backend', 'reference']);
    await untilSays(child, '10 %');
    child.kill(signal);
    const { exitCode, stderr } = await child.ended;
    expect(exitCode).toBe(code);
    const step = /the same command again goes on after step (\d+)/.exec(stderr)?.[1];
    expect(Number(step)).toBeGreaterThan(0);
    expect(readdirSync(join(run, 'checkpoints'))).toContain(`interrupted-${step!.padStart(10, '0')}.safetensors`);
    expect((await gensyn(['verify', run])).exitCode).toBe(6);

    const resumed = await gensynJson(['train', job, '--out', run]);
    expect(resumed.warnings.join()).toContain(`after training step ${step}`);
    const alone = signal === 'SIGINT' ? await trained([job, '--out', folder.path('run')]) : resumed.result;
    expect(resumed.result.traceRoot).toBe(alone.traceRoot);
    expect(lineCount(join(run, 'metrics.jsonl'))).toBe(STEPS);
    expect(readdirSync(join(run, 'checkpoints')).filter((name) => name.startsWith('interrupted'))).toEqual([]);
    expect((await gensyn(['verify', run])).exitCode).toBe(0);
  });
});

test('a verification that is asked to stop gives no verdict', async () => {
  const child = start(['verify', undisturbed, '--backend', 'reference']);
  await untilSays(child, 'verifying');
  child.kill('SIGINT');
  expect(await child.ended).toMatchObject({ exitCode: 130, stdout: '' });
});

describe('a run folder', () => {
  test('belongs to one training at a time', async () => {
    const run = folder.path('run');
    const child = start(['train', bundle, '--out', run, '--backend', 'reference']);
    await until(child, () => lineCount(join(run, 'trace.jsonl')) > 1);
    const second = await gensynJson(['train', bundle, '--out', run]);
    child.kill('SIGKILL');
    await child.ended;
    expect(second).toMatchObject({ exitCode: 3, ok: false, error: { code: 'run.in-use' } });
    expect(second.error?.message).toContain(`process ${child.pid}`);
    expect((await trained([bundle, '--out', run])).traceRoot).toBe(wanted);
  });

  test('goes on with no other job and with no other fault', async () => {
    const run = folder.path('run');
    const job = writeJob(folder.path('job.json'));
    const first = await trained([job, '--out', run]);
    const before = filesOf(run).sort();
    const other = writeJob(folder.path('job.json'), { seed: 8 });
    expect(await gensynJson(['train', other, '--out', run])).toMatchObject({
      exitCode: 6,
      error: { code: 'run.other-job' },
    });
    expect(await gensynJson(['train', job, '--out', run, '--inject-fault', '3,1,0,4'])).toMatchObject({
      exitCode: 2,
      error: { code: 'run.other-options' },
    });
    expect(filesOf(run).sort()).toEqual(before);
    // Once more the same: nothing is left to do, and that is no error.
    expect((await trained([job, '--out', run])).traceRoot).toBe(first.traceRoot);
  });

  test('that holds other things is left alone', async () => {
    const out = folder.path('run');
    writeFileSync(out, 'mine');
    expect(await gensynJson(['train', bundle, '--out', out])).toMatchObject({
      exitCode: 2,
      error: { code: 'run.not-a-folder' },
    });
    expect(readFileSync(out, 'utf8')).toBe('mine');
  });
});

describe('an interrupted run whose files are hurt', () => {
  /** A run that stopped after some checkpoints. */
  async function stopped(): Promise<string> {
    const run = folder.path('run');
    const child = start(['train', bundle, '--out', run, '--backend', 'reference']);
    await until(child, () => lineCount(join(run, 'trace.jsonl')) > 5);
    child.kill('SIGKILL');
    await child.ended;
    return run;
  }

  test('goes on behind torn last lines', async () => {
    const run = await stopped();
    appendFileSync(join(run, 'trace.jsonl'), '{"step":96,"stat');
    appendFileSync(join(run, 'metrics.jsonl'), '{"step":');
    expect((await trained([bundle, '--out', run])).traceRoot).toBe(wanted);
  });

  test.each([
    ['cut', (path: string) => truncateSync(path, statSync(path).size - 5)],
    ['empty', (path: string) => truncateSync(path, 0)],
    ['grown', (path: string) => appendFileSync(path, Buffer.alloc(200_000))],
  ])('goes back to the checkpoint before a last one that is %s', async (_, hurt) => {
    const run = await stopped();
    const steps = readFileSync(join(run, 'trace.jsonl'), 'utf8').trimEnd().split('\n').slice(1);
    const last: number = JSON.parse(steps.at(-1)!).step;
    hurt(join(run, 'checkpoints', `step-${String(last).padStart(10, '0')}.safetensors`));
    const { result, warnings } = await gensynJson(['train', bundle, '--out', run]);
    expect(warnings.join()).toContain(`after training step ${last - EVERY}`);
    expect(result.traceRoot).toBe(wanted);
    expect((await gensyn(['verify', run])).exitCode).toBe(0);
  });
});
