/**
 * `node dist/bench/phases.js [steps]`: where `train` and `verify` of the fixture job spend their wall time, phase by
 * phase, in one fresh process. Nothing is repeated, because a command does each thing once as well: run it a few times.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Backend, Executor } from '../src/backends/backend.js';
import { fixturePath } from './repository.js';

interface Phase {
  readonly name: string;
  milliseconds: number;
  count: number;
}

/** Adds up the time of named phases. Phases that overlap (two lanes of a verification) count twice. */
class Stopwatch {
  readonly phases: Phase[] = [];

  async time<Value>(name: string, work: () => Promise<Value> | Value): Promise<Value> {
    let phase = this.phases.find((known) => known.name === name);
    if (phase === undefined) {
      phase = { name, milliseconds: 0, count: 0 };
      this.phases.push(phase);
    }
    const began = performance.now();
    const value = await work();
    phase.milliseconds += performance.now() - began;
    phase.count++;
    return value;
  }

  print(title: string): void {
    process.stdout.write(`\n${title}\n`);
    for (const { name, milliseconds, count } of this.phases) {
      const each = count > 1 ? `  ${count} × ${(milliseconds / count).toFixed(2)}` : '';
      process.stdout.write(`${milliseconds.toFixed(1).padStart(10)} ms  ${name}${each}\n`);
    }
  }
}

/** A backend whose executors report their calls. */
function watched(backend: Backend, stopwatch: Stopwatch): Backend {
  const watchExecutor = (executor: Executor): Executor => ({
    writeState: (state) => stopwatch.time('  write the state into the executor', () => executor.writeState(state)),
    readState: () => stopwatch.time('  copy the state out', () => executor.readState()),
    run: (from, steps) => stopwatch.time('  run training steps', () => executor.run(from, steps)),
    runObserved: (step, visit) => executor.runObserved(step, visit),
    hashState: () => stopwatch.time('  hash the state', () => executor.hashState()),
    dispose: () => stopwatch.time('  end the threads', () => executor.dispose()),
  });
  return {
    ...backend,
    prepare: async (program, constants, options) =>
      watchExecutor(
        await stopwatch.time('  prepare: plan, generate, compile, start threads', () =>
          backend.prepare(program, constants, options),
        ),
      ),
  };
}

const steps = Number(process.argv[2] ?? 512);
const threads = availableParallelism();
const folder = await mkdtemp(join(tmpdir(), 'gensyn-bench-'));
const directory = join(folder, 'run');
try {
  await watchTraining();
  await watchVerification();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function watchTraining(): Promise<void> {
  const stopwatch = new Stopwatch();
  const began = performance.now();
  const { loadCanonicalBackend } = await stopwatch.time('load the modules', async () => {
    await import('../src/run/train.js');
    await import('../src/job/compile.js');
    return import('../src/backends/registry.js');
  });
  const { compileJobFile } = await import('../src/job/compile.js');
  const { train } = await import('../src/run/train.js');
  const backend = await stopwatch.time('conformance probe', () => loadCanonicalBackend('wasm', threads));
  const job = fixturePath('jobs/fashion-mlp.json');
  const { bundle } = await stopwatch.time('compile the job', () => compileJobFile(job, { steps }, backend));
  const utilization = performance.eventLoopUtilization();
  await stopwatch.time('train, of this:', () =>
    train({
      bundle,
      directory,
      backend: watched(backend, stopwatch),
      threads,
      keep: 'all',
      fault: null,
      version: 'bench',
    }),
  );
  const { active } = performance.eventLoopUtilization(utilization);
  stopwatch.print(`train, ${steps} steps, ${threads} threads: ${(performance.now() - began).toFixed(0)} ms`);
  process.stdout.write(`${active.toFixed(1).padStart(10)} ms  the main thread was busy during train\n`);
}

async function watchVerification(): Promise<void> {
  const stopwatch = new Stopwatch();
  const began = performance.now();
  const { loadCanonicalBackend } = await import('../src/backends/registry.js');
  const { loadRun, storedState } = await import('../src/verify/load-run.js');
  const { verifyRun } = await import('../src/verify/verify-run.js');
  const run = await stopwatch.time('read the run (bundle, trace)', () => loadRun(directory));
  const backend = await stopwatch.time('conformance probe', () => loadCanonicalBackend('wasm', threads));
  const intervals = run.leaves.slice(1).map((_, interval) => interval);
  const utilization = performance.eventLoopUtilization();
  await stopwatch.time('verify, of this (all threads added up):', () =>
    verifyRun({ run, intervals, backend: watched(backend, stopwatch), threads }),
  );
  const { active } = performance.eventLoopUtilization(utilization);
  const wall = performance.now() - began;
  await stopwatch.time('for comparison: read one checkpoint', () => storedState(run, 1));
  stopwatch.print(`verify, ${steps} steps, ${threads} threads: ${wall.toFixed(0)} ms without loading modules`);
  process.stdout.write(`${active.toFixed(1).padStart(10)} ms  the main thread was busy during verify\n`);
}
