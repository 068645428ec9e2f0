/** The training loop: steps in paced batches, a checkpoint at every interval's end, and a stop that loses nothing. */
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Backend, Executor, Words } from '../backends/backend.js';
import { requireMemory } from '../backends/memory.js';
import { prepareExecutor } from '../backends/streamed-executor.js';
import { fromHex, toHex } from '../commitments/hash.js';
import { traceRoot } from '../commitments/roots.js';
import type { TextUnit } from '../data/text.js';
import type { Bundle } from '../job/bundle.js';
import { ARITHMETIC_VERSION } from '../numerics/instructions.js';
import { checkpointOf } from './checkpoint.js';
import { type EvaluationResult, evaluateState } from './evaluate-state.js';
import { checkFault, type Fault, runWithFault } from './fault.js';
import { type LanguageMetrics, languageMetrics } from './language-metrics.js';
import { type MetricValue, metricsRecord, readMetrics } from './metrics-log.js';
import { createPace } from './pace.js';
import type { TrainProgress } from './progress.js';
import { runPaths } from './run-folder.js';
import type { RunMachine } from './run-machine.js';
import type { KeepPolicy } from './run-manifest.js';
import { RunSession } from './run-session.js';

export interface TrainParameters {
  readonly bundle: Bundle;
  /** The run folder: new, empty, or an unfinished run of the same job. */
  readonly directory: string;
  readonly backend: Backend;
  /** Measures the trained state on test data; `backend` unless told. */
  readonly evaluator?: Backend;
  /** What a backend that is not canonical runs on. */
  readonly machine?: RunMachine;
  readonly threads: number;
  readonly keep: KeepPolicy;
  readonly fault: Fault | null;
  readonly version: string;
  readonly onProgress?: (progress: TrainProgress) => void;
  readonly onResume?: (step: number) => void;
  /** Ends the training after the step at hand; the same call goes on from there. */
  readonly signal?: AbortSignal;
}

export interface LanguageResult {
  readonly unit: TextUnit;
  /** Of the last step's batch. */
  readonly training: LanguageMetrics | null;
  readonly test: LanguageMetrics | null;
}

export interface TrainResult {
  readonly jobHash: string;
  readonly run: string;
  readonly backend: string;
  readonly canonical: boolean;
  /** What the bits of a backend that is not canonical hang on; `null` for the others. */
  readonly machine: RunMachine | null;
  readonly steps: number;
  /** `null` where the training was interrupted. */
  readonly traceRoot: string | null;
  readonly finalStateRoot: string | null;
  readonly checkpoints: readonly { readonly step: number; readonly stateRoot: string }[];
  /** The last step's loss, or `null` where no step was run. */
  readonly loss: { readonly value: MetricValue; readonly bits: string } | null;
  readonly results: Readonly<Record<string, MetricValue>>;
  readonly evaluation: EvaluationResult | null;
  /** Of a model of text: its losses in the numbers that people compare; `null` for other models. */
  readonly language: LanguageResult | null;
  /** Of this process, without compiling; 0 where nothing was left to train. */
  readonly stepsPerSecond: number;
  /** The first step of this run whose loss was NaN or infinite, else `null`. The run stays verifiable. */
  readonly divergedAtStep: number | null;
  readonly interruptedAtStep: number | null;
}

/**
 * Trains a bundle into a run folder, from the beginning or from where it stopped.
 *
 * @throws the errors of `RunSession.open`, of the backend, `run.disk-full`, `run.fault-out-of-range`, `run.out-of-memory`
 */
export async function train(parameters: TrainParameters): Promise<TrainResult> {
  const { bundle, directory, backend, threads, keep, fault } = parameters;
  if (fault !== null) checkFault(fault, bundle.program, bundle.steps);
  requireMemory(backend, bundle.program, { threads, constants: bundle.constants });
  const session = await RunSession.open({
    directory,
    bundle,
    manifest: {
      schema: 'gensyn.run/1',
      job: bundle.name,
      jobHash: toHex(bundle.hashes.job),
      arithmeticVersion: ARITHMETIC_VERSION,
      backend: backend.name,
      canonical: backend.canonical,
      ...(parameters.machine !== undefined && { machine: parameters.machine }),
      steps: bundle.steps,
      checkpointEvery: bundle.checkpointEvery,
      keep,
      injectFault: fault,
      version: parameters.version,
    },
  });
  try {
    if (session.start.step > 0) parameters.onResume?.(session.start.step);
    const executor = await prepareExecutor(backend, bundle.program, bundle.constants, { threads });
    let outcome: LoopOutcome;
    try {
      outcome = await trainingLoop(parameters, session, executor);
    } finally {
      await executor.dispose();
    }
    await session.flush();
    return await summarize(parameters, session, outcome);
  } finally {
    await session.close();
  }
}

interface LoopOutcome {
  /** Training steps done. */
  readonly step: number;
  readonly state: readonly Words[];
  readonly stepsPerSecond: number;
}

async function trainingLoop(
  parameters: TrainParameters,
  session: RunSession,
  executor: Executor,
): Promise<LoopOutcome> {
  const { bundle, fault, signal } = parameters;
  const { steps, checkpointEvery } = bundle;
  const names = Object.keys(bundle.program.results);
  const pace = createPace();
  const began = performance.now();
  let { step, state } = session.start;
  // The copy that is saved; used again for the next checkpoint, because fresh memory costs more than copying into it.
  let saved: readonly Words[] | undefined;
  await executor.writeState(state);
  while (step < steps && signal?.aborted !== true) {
    const boundary = Math.min(steps, (Math.floor(step / checkpointEvery) + 1) * checkpointEvery);
    const count = Math.min(pace.next(), boundary - step);
    const batchBegan = performance.now();
    const results = await runWithFault(executor, step, count, fault);
    pace.took(count, performance.now() - batchBegan);
    for (const [at, words] of results.entries()) session.note(step + at + 1, named(names, words));
    step += count;
    if (step === boundary) {
      // One checkpoint may still be on its way to the disk while the next interval runs, not two: memory stays bounded,
      // and the copy is free again.
      await session.flush();
      const tensorHashes = await executor.hashState();
      saved = await executor.readState(saved);
      state = saved;
      session.save(checkpointOf(step, state, tensorHashes));
    }
    report(parameters, step, results.at(-1)!, pace.stepsPerSecond());
    // An executor may compute without ever waiting, and signals and the disk are only heard between turns.
    await nextTurn();
  }
  if (step < steps) {
    await session.flush();
    state = await executor.readState(saved);
    await session.keepInterrupted(step, state, await executor.hashState());
  }
  const seconds = (performance.now() - began) / 1000;
  return { step, state, stepsPerSecond: step > session.start.step ? (step - session.start.step) / seconds : 0 };
}

function named(names: readonly string[], words: Words): Record<string, number> {
  return Object.fromEntries(names.map((name, at) => [name, words[at]!]));
}

function report(parameters: TrainParameters, step: number, words: Words, stepsPerSecond: number): void {
  const { bundle, onProgress } = parameters;
  if (onProgress === undefined) return;
  const { step: _, ...record } = metricsRecord(step, named(Object.keys(bundle.program.results), words));
  const results = Object.fromEntries(Object.entries(record).filter(([name]) => !name.endsWith('Bits')));
  const secondsLeft = stepsPerSecond > 0 ? (bundle.steps - step) / stepsPerSecond : null;
  onProgress({ step, steps: bundle.steps, results, stepsPerSecond, secondsLeft });
}

async function summarize(parameters: TrainParameters, session: RunSession, outcome: LoopOutcome): Promise<TrainResult> {
  const { bundle, directory, backend, evaluator = backend, threads } = parameters;
  const done = outcome.step === bundle.steps;
  const checkpoints = session.roots;
  await session.flushMetrics();
  const metrics = await readMetrics(runPaths.metrics(directory));
  const last = metrics.at(-1);
  const { step: _, ...results } = last ?? { step: 0 };
  const evaluation =
    done && bundle.evaluation !== null
      ? await evaluateState(bundle.evaluation, outcome.state, evaluator, threads)
      : null;
  return {
    jobHash: toHex(bundle.hashes.job),
    run: directory,
    backend: backend.name,
    canonical: backend.canonical,
    machine: parameters.machine ?? null,
    steps: outcome.step,
    traceRoot: done ? toHex(traceRoot(checkpoints.map(({ stateRoot }) => fromHex(stateRoot)))) : null,
    finalStateRoot: done ? (checkpoints.at(-1)?.stateRoot ?? null) : null,
    checkpoints: [...checkpoints],
    loss: last === undefined ? null : { value: last['loss'] ?? 'NaN', bits: String(last['lossBits']) },
    results,
    evaluation,
    language: languageOf(bundle, last?.['loss'], evaluation),
    stepsPerSecond: outcome.stepsPerSecond,
    divergedAtStep: metrics.find(({ loss }) => typeof loss === 'string' && loss !== '-0')?.step ?? null,
    interruptedAtStep: done ? null : outcome.step,
  };
}

function languageOf(
  { prediction }: Bundle,
  loss: MetricValue | undefined,
  evaluation: EvaluationResult | null,
): LanguageResult | null {
  if (prediction?.meaning.kind !== 'text') return null;
  return {
    unit: prediction.meaning.vocabulary === null ? 'byte' : 'character',
    training: loss === undefined ? null : languageMetrics(Number(loss)),
    test: evaluation === null ? null : languageMetrics(evaluation.loss),
  };
}
