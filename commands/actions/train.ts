/** The core of `gensyn train`. */
import { DEFAULT_BACKEND, defaultThreads, loadCanonicalBackend, TENSORFLOW } from '../../src/backends/registry.js';
import type { Bundle } from '../../src/job/bundle.js';
import { languageMetrics } from '../../src/run/language-metrics.js';
import type { TrainProgress } from '../../src/run/progress.js';
import { machineText } from '../../src/run/run-machine.js';
import {
  type LanguageResult,
  train as runTraining,
  type TrainParameters,
  type TrainResult,
} from '../../src/run/train.js';
import type { Action, Invocation } from '../context.js';
import type { TrainOptions } from '../train.js';
import { packageVersion } from '../version.js';
import { openJob } from './open-job.js';
import { facts } from './table.js';

export const train: Action<TrainOptions> = async (options, invocation) => {
  const { progress, signal, warn } = invocation;
  const threads = options.threads ?? defaultThreads();
  const { bundle, ...machine } = await openMachine(options, threads, invocation);
  progress.phase(`training ${bundle.name}`);
  const result = await runTraining({
    bundle,
    directory: options.out,
    ...machine,
    threads,
    keep: options.keep ?? 'all',
    fault: options.injectFault ?? null,
    version: packageVersion(),
    signal,
    onProgress: (state) => progress.update(state.step, state.steps, detail(state, bundle)),
    onResume: (step) => warn(`continuing the run in ${options.out} after training step ${step}`),
  });
  if (options.injectFault !== undefined) warn('this run holds an injected fault: it is a drill');
  if (result.divergedAtStep !== null) {
    warn(`the loss was not a finite number at step ${result.divergedAtStep}; the run stays verifiable`);
  }
  const interrupted = result.interruptedAtStep !== null;
  return {
    result,
    text: describe(result, bundle.steps),
    next: interrupted
      ? `the same command again goes on after step ${result.interruptedAtStep}`
      : `gensyn verify ${options.out}`,
  };
};

type TrainingMachine = Pick<TrainParameters, 'bundle' | 'backend' | 'evaluator' | 'machine'>;

/** The job, and what trains it. */
async function openMachine(options: TrainOptions, threads: number, invocation: Invocation): Promise<TrainingMachine> {
  const canonical = (name: string) => loadCanonicalBackend(name, threads);
  if (options.backend === TENSORFLOW) {
    const { openTensorflow } = await import('./open-tensorflow.js');
    return openTensorflow(options, await canonical(DEFAULT_BACKEND), invocation);
  }
  // The probe mostly waits for its threads and the job for the recording, so they wait together.
  const [backend, bundle] = await Promise.all([
    canonical(options.backend ?? DEFAULT_BACKEND),
    openJob(options.job, options, invocation),
  ]);
  return { backend, bundle };
}

function detail({ results, stepsPerSecond, secondsLeft }: TrainProgress, { prediction }: Bundle): string {
  const numbers = Object.entries(results).map(([name, value]) => `${name} ${shorten(value)}`);
  const loss = Number(results['loss'] ?? Number.NaN);
  if (prediction?.meaning.kind === 'text') numbers.push(`bits ${shorten(languageMetrics(loss).bitsPerToken)}`);
  const left = secondsLeft === null ? '' : `, ${duration(secondsLeft)} left`;
  return [...numbers, `${Math.round(stepsPerSecond)} steps/s${left}`].join('  ');
}

function describe(result: TrainResult, steps: number): string {
  const { evaluation, language } = result;
  const rows: [string, string][] = [
    ['job', result.jobHash],
    ['run', result.run],
    ...(result.machine === null
      ? []
      : [['machine', `${machineText(result.machine)}: not canonical`] as [string, string]]),
    [
      'steps',
      `${result.steps} of ${steps}${result.stepsPerSecond > 0 ? `, ${result.stepsPerSecond.toFixed(1)} per second` : ''}`,
    ],
  ];
  for (const [name, value] of Object.entries(result.results))
    if (!name.endsWith('Bits')) rows.push([name, shorten(value)]);
  if (evaluation !== null) {
    rows.push(['test loss', `${shorten(evaluation.loss)} over ${evaluation.examples} examples`]);
    if (evaluation.accuracy !== null) rows.push(['test accuracy', `${(100 * evaluation.accuracy).toFixed(2)} %`]);
  }
  if (language !== null) rows.push(...languageRows(language));
  if (result.finalStateRoot !== null) rows.push(['final state', result.finalStateRoot]);
  if (result.traceRoot !== null) rows.push(['trace root', result.traceRoot]);
  return facts(rows);
}

/** Of the test data where there are some, else of the last batch. */
function languageRows({ unit, training, test }: LanguageResult): [string, string][] {
  const metrics = test ?? training;
  if (metrics === null) return [];
  const part = test === null ? '' : 'test ';
  return [
    [`${part}bits per ${unit}`, shorten(metrics.bitsPerToken)],
    [`${part}perplexity`, shorten(metrics.perplexity)],
  ];
}

function shorten(value: number | string): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(4))) : value;
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}
