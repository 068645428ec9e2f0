/** One process training into one run folder: opens or continues it, and writes checkpoints, trace and metrics. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import type { Words } from '../backends/backend.js';
import { toHex } from '../commitments/hash.js';
import { fail } from '../errors/index.js';
import { makeFolder, removeTemporaries, writeFileAtomically } from '../files/atomic-file.js';
import type { Bundle } from '../job/bundle.js';
import { writeBundle } from '../job/bundle-folder.js';
import { valueOf } from '../numerics/float32.js';
import { type Checkpoint, checkpointOf, checkpointPath, writeCheckpoint } from './checkpoint.js';
import { MetricsLog, metricsRecord } from './metrics-log.js';
import { findResumePoint, pruneCheckpoints, readRunManifest, runPaths } from './run-folder.js';
import { lockRun } from './run-lock.js';
import { machineText } from './run-machine.js';
import type { RunManifest } from './run-manifest.js';
import { EventWriter } from './tensorboard.js';
import { readTrace, TraceLog } from './trace-log.js';

export interface OpenRunParameters {
  readonly directory: string;
  readonly bundle: Bundle;
  /** What this training is; compared with the folder's own manifest where there is one. */
  readonly manifest: RunManifest;
}

/** A run folder that is being written. Calls must not overlap, except that `save` returns before the disk has it. */
export class RunSession {
  /** Where the training goes on. */
  readonly start: Checkpoint;
  readonly #directory: string;
  readonly #bundle: Bundle;
  readonly #keep: RunManifest['keep'];
  readonly #trace: TraceLog;
  readonly #metrics: MetricsLog;
  readonly #events: EventWriter;
  readonly #unlock: () => void;
  #writing: Promise<void> = Promise.resolve();
  #savingMilliseconds = 0;

  private constructor(parts: {
    directory: string;
    bundle: Bundle;
    keep: RunManifest['keep'];
    start: Checkpoint;
    trace: TraceLog;
    metrics: MetricsLog;
    events: EventWriter;
    unlock: () => void;
  }) {
    this.start = parts.start;
    this.#directory = parts.directory;
    this.#bundle = parts.bundle;
    this.#keep = parts.keep;
    this.#trace = parts.trace;
    this.#metrics = parts.metrics;
    this.#events = parts.events;
    this.#unlock = parts.unlock;
  }

  /**
   * Begins a run in an empty or new folder, or continues the same run.
   *
   * @throws `run.other-job`, `run.other-options`, `run.in-use`, `run.folder-not-empty`, `run.not-writable`, …
   */
  static async open({ directory, bundle, manifest }: OpenRunParameters): Promise<RunSession> {
    await makeFolder(directory);
    // Only the owner may decide what the folder is: another process could be beginning it right now.
    const unlock = lockRun(directory);
    try {
      const begun = existsSync(runPaths.manifest(directory));
      if (begun) requireSameRun(await readRunManifest(directory), manifest, directory);
      else await requireEmpty(directory);
      await makeFolder(runPaths.checkpoints(directory));
      for (const folder of [directory, runPaths.job(directory), runPaths.checkpoints(directory)]) {
        await removeTemporaries(folder);
      }
      if (!begun) await beginRun(directory, bundle, manifest);
      return await RunSession.#continue({ directory, bundle, manifest }, unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  static async #continue({ directory, bundle, manifest }: OpenRunParameters, unlock: () => void): Promise<RunSession> {
    const { jobHash, checkpointEvery, steps } = manifest;
    const path = runPaths.trace(directory);
    const found = existsSync(path) ? await readTrace(path) : null;
    const resumed = found === null ? null : await findResumePoint(directory, bundle.program, found);
    const start = resumed ?? checkpointOf(0, bundle.genesis, bundle.hashes.genesis);
    const header = { jobHash, checkpointEvery, steps };
    const trace =
      resumed === null ? await TraceLog.create(path, header) : await TraceLog.resume(path, header, resumed.step);
    const metrics =
      resumed === null || !existsSync(runPaths.metrics(directory))
        ? await MetricsLog.create(runPaths.metrics(directory))
        : await MetricsLog.resume(runPaths.metrics(directory), resumed.step);
    const events = await EventWriter.open(runPaths.events(directory), start.step, Date.now() / 1000);
    const session = new RunSession({ directory, bundle, keep: manifest.keep, start, trace, metrics, events, unlock });
    if (resumed === null) session.save(start);
    return session;
  }

  /** The state roots so far. */
  get roots(): readonly { readonly step: number; readonly stateRoot: string }[] {
    return this.#trace.records;
  }

  /** Milliseconds spent on writing so far, most of it beside the training. */
  get savingMilliseconds(): number {
    return this.#savingMilliseconds;
  }

  /** Notes the results of one training step; `step` counts from 1. */
  note(step: number, results: Readonly<Record<string, number>>): void {
    this.#metrics.append(metricsRecord(step, results));
    const scalars = Object.fromEntries(Object.entries(results).map(([name, bits]) => [name, valueOf(bits)]));
    this.#events.append({ wallTime: Date.now() / 1000, step, scalars });
  }

  /** Begins to write a checkpoint and its place in the trace. A failure shows in the next `save` or in `flush`. */
  save(checkpoint: Checkpoint): void {
    this.#writing = this.#writing.then(() => this.#write(checkpoint));
    // The rejection is reported by flush; without this line Node would call it unhandled before that.
    this.#writing.catch(() => {});
  }

  /** Waits until everything saved so far is on disk. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  /** Makes every noted result readable. */
  async flushMetrics(): Promise<void> {
    await this.#metrics.flush();
  }

  /** Keeps the state at a step between two checkpoints, so that an interrupted training goes on right there. */
  async keepInterrupted(step: number, state: readonly Words[], tensorHashes: readonly Uint8Array[]): Promise<void> {
    await this.flush();
    const path = runPaths.interrupted(this.#directory, step);
    await writeCheckpoint(
      path,
      this.#bundle.program,
      this.#trace.header.jobHash,
      checkpointOf(step, state, tensorHashes),
    );
    await this.#metrics.flush();
  }

  async close(): Promise<void> {
    try {
      await this.#writing.catch(() => {});
      await this.#trace.close();
      await this.#metrics.close();
      await this.#events.close();
    } finally {
      this.#unlock();
    }
  }

  async #write(checkpoint: Checkpoint): Promise<void> {
    const began = performance.now();
    const { step } = checkpoint;
    // The order matters after a crash: a trace line promises that its checkpoint and metrics are there.
    await writeCheckpoint(
      checkpointPath(this.#directory, step),
      this.#bundle.program,
      this.#trace.header.jobHash,
      checkpoint,
    );
    await this.#metrics.flush();
    await this.#trace.append({ step, stateRoot: toHex(checkpoint.stateRoot) });
    await this.#events.flush();
    await pruneCheckpoints(this.#directory, this.#keep, step);
    this.#savingMilliseconds += performance.now() - began;
  }
}

async function beginRun(directory: string, bundle: Bundle, manifest: RunManifest): Promise<void> {
  await writeBundle(bundle, runPaths.job(directory));
  await writeFileAtomically(runPaths.manifest(directory), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** A folder with a run.json is a run; one without may hold only what an early crash left of one. */
async function requireEmpty(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    throw fail('run.not-writable', { path: directory, reason: error.code ?? 'unknown' }, { cause: error });
  });
  const foreign = names.find((name) => !['job', 'checkpoints', 'run.lock'].includes(name) && !name.startsWith('.'));
  if (foreign !== undefined) throw fail('run.folder-not-empty', { path: directory, name: foreign });
}

function requireSameRun(found: RunManifest, asked: RunManifest, directory: string): void {
  if (found.jobHash !== asked.jobHash) {
    throw fail('run.other-job', { path: directory, found: found.jobHash, expected: asked.jobHash });
  }
  const fault = (manifest: RunManifest): string => {
    const drill = manifest.injectFault;
    return drill === null ? 'none' : [drill.step, drill.operator, drill.element, drill.bit].join();
  };
  if (fault(found) !== fault(asked)) {
    throw fail('run.other-options', {
      path: directory,
      option: '--inject-fault',
      found: fault(found),
      given: fault(asked),
    });
  }
  // A canonical backend may go on where another one stopped; everything else would be a run of two machines.
  const [have, want] = [producerOf(found), producerOf(asked)];
  if (have !== want) {
    throw fail('run.other-options', { path: directory, option: 'the machine', found: have, given: want });
  }
}

function producerOf({ canonical, backend, machine }: RunManifest): string {
  if (canonical) return 'any canonical backend';
  return machine === undefined ? backend : machineText(machine);
}
