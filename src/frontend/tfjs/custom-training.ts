/** What a module returns in place of a model: variables, and a training step of its own. */
import { fail } from '../../errors/index.js';
import { bindLearningRate } from './learning-rate.js';
import { type Optimizer, type Tensor, tf, type Variable } from './load-tfjs.js';
import type { RecordingSession } from './recording-session.js';
import type { RecordingSpec } from './specification.js';
import type { NamedVariable } from './state-names.js';
import { microBatches, type Step } from './steps.js';
import { update } from './update.js';

type Batch = Readonly<Record<string, Tensor>>;
type Results = Readonly<Record<string, unknown>>;

/** A training step that a module wrote. All functions run while they are recorded, and never again. */
export interface CustomTraining {
  /** The weights; those with `trainable` false are left to the step. */
  readonly variables: readonly NamedVariable[];
  /** Type of the features. */
  readonly inputType: 'float32' | 'int32';
  /** From { x, y, learningRate, minimize } to { loss, accuracy? }, scalars. */
  readonly step: (batch: object) => unknown;
  /** From { x, y, weight } to { loss, count, correct? }: sums over rows, each times its weight. */
  readonly evaluate: ((batch: object) => unknown) | null;
}

const KEYS = ['variables', 'step', 'evaluate', 'inputType'];

/**
 * Checks what a module returned.
 *
 * @throws frontend.module-invalid
 */
export function customTraining(value: object): CustomTraining {
  const given = value as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw invalid(`it returns the key '${unknown}'; known are ${KEYS.join(', ')}`);
  const { step, evaluate = null, inputType = 'float32' } = given;
  if (typeof step !== 'function') throw invalid('the step that it returns is not a function');
  if (evaluate !== null && typeof evaluate !== 'function')
    throw invalid('the evaluate that it returns is not a function');
  if (inputType !== 'float32' && inputType !== 'int32') throw invalid('its inputType is neither float32 nor int32');
  const variables = namedVariables(given['variables']);
  return {
    variables,
    inputType,
    step: step as CustomTraining['step'],
    evaluate: evaluate as CustomTraining['evaluate'],
  };
}

function namedVariables(value: unknown): NamedVariable[] {
  const entries = Array.isArray(value) ? value.map((each) => [null, each] as const) : Object.entries(value ?? {});
  if (entries.length === 0) throw invalid('it returns no variables');
  return entries.map(([key, variable]) => {
    if (!(variable instanceof tf.Variable)) throw invalid(`its variable ${key ?? ''} is not a tf.variable`);
    return { variable, name: key ?? variable.name, role: variable.trainable ? 'parameter' : 'statistic' };
  });
}

export function trainableVariables({ variables }: CustomTraining): Variable[] {
  return variables.map(({ variable }) => variable).filter(({ trainable }) => trainable);
}

interface CustomParts {
  readonly session: RecordingSession;
  readonly optimizer: Optimizer;
  readonly spec: RecordingSpec;
  readonly custom: CustomTraining;
}

/** The module's step, which may leave the update to the job's optimiser: `minimize(({ x, y }) => loss)`. */
export function customTrainingStep({ session, optimizer, spec, custom }: CustomParts): Step {
  const trained = custom.variables.filter(({ variable }) => variable.trainable);
  return (batch) => {
    const { x, y, learningRate } = batch as { x: Tensor; y: Tensor; learningRate: Tensor };
    let updates = 0;
    const minimize = (lossOf: (part: Batch) => Tensor): Tensor => {
      updates++;
      session.within('optimizer', () => bindLearningRate(session, spec.optimizer.name, optimizer, learningRate));
      const losses = microBatches(session, [x, y], spec.microBatches ?? 1).map(
        ([features, labels]) =>
          () =>
            lossOf({ x: features, y: labels }),
      );
      return update({ session, optimizer, spec: spec.optimizer, trained }, losses, learningRate);
    };
    const results = session.within('step', () => custom.step({ x, y, learningRate, minimize }));
    if (updates === 0) {
      session.warnings.add("The module's step never calls minimize: the job's optimizer has no part in the training.");
    }
    return scalarsOf(session, 'step', results, ['loss', ...spec.metrics], ['accuracy']);
  };
}

/** Forward only. Results: `loss`, `count`, and `correct` where the module gives it. */
export function customEvaluationStep({ session, custom }: CustomParts): Step {
  return (batch) =>
    session.withPhase('forward', () => {
      const results = session.within('evaluate', () => custom.evaluate?.(batch));
      return scalarsOf(session, 'evaluate', results, ['loss', 'count'], ['correct']);
    });
}

function scalarsOf(
  session: RecordingSession,
  what: string,
  results: unknown,
  needed: readonly string[],
  optional: readonly string[],
): Record<string, number> {
  const given = (typeof results === 'object' && results !== null ? results : {}) as Results;
  const names = [...new Set([...needed, ...optional.filter((name) => given[name] !== undefined)])];
  const ids = names.map((name): [string, number] => {
    const value = given[name];
    if (!(value instanceof tf.Tensor)) throw invalid(`its ${what} returns no tensor as '${name}'`);
    if (value.size !== 1 || value.dtype !== 'float32') {
      throw invalid(`its ${what} returns ${value.dtype} [${value.shape}] as '${name}', a float32 scalar is needed`);
    }
    return [name, session.valueOf(value).id];
  });
  return Object.fromEntries(ids);
}

function invalid(reason: string): Error {
  return fail('frontend.module-invalid', { reason });
}
