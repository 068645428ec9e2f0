import { fail } from '../../errors/index.js';
import type { Recording, TensorType } from '../recording.js';
import type { DrawCounter } from './counter-random.js';
import {
  type CustomTraining,
  customEvaluationStep,
  customTrainingStep,
  trainableVariables,
} from './custom-training.js';
import type { LayersModel, Optimizer, Variable } from './load-tfjs.js';
import { recordPrediction } from './record-prediction.js';
import type { RecordingSession } from './recording-session.js';
import { checkModelShapes } from './shape-checks.js';
import type { RecordingSpec } from './specification.js';
import { modelWeights, type NamedVariable } from './state-names.js';
import { evaluationStep, type Step, type StepParts, trainedWeights, trainingStep } from './steps.js';

/** What is recorded of a job: the same for a model and for a training step that a module wrote. */
export interface TrainingPlan {
  readonly inputType: TensorType;
  readonly weights: readonly NamedVariable[];
  /** The weights that have optimiser slots, in the optimiser's order. */
  readonly trained: readonly Variable[];
  readonly training: Step;
  readonly evaluation: Step | null;
  readonly prediction: (state: readonly NamedVariable[], draws: DrawCounter) => Recording | null;
}

/** The plan for a model of tfjs-layers. */
export function modelPlan(
  session: RecordingSession,
  model: LayersModel,
  optimizer: Optimizer,
  spec: RecordingSpec,
): TrainingPlan {
  const shapes = checkModelShapes(model, spec);
  const parts: StepParts = { session, model, optimizer, spec, shapes };
  return {
    inputType: shapes.inputType,
    weights: modelWeights(model),
    trained: trainedWeights(model).map(({ variable }) => variable),
    training: trainingStep(parts),
    evaluation: evaluationStep(parts),
    prediction: (state, draws) => recordPrediction(parts, state, draws),
  };
}

/**
 * The plan for a module's own training step.
 *
 * @throws frontend.custom-loss if the job names a loss that the step would not use
 */
export function customPlan(
  session: RecordingSession,
  custom: CustomTraining,
  optimizer: Optimizer,
  spec: RecordingSpec,
): TrainingPlan {
  if (spec.loss !== 'custom')
    throw fail('frontend.custom-loss', { found: `the loss ${spec.loss} and a training step` });
  const parts = { session, optimizer, spec, custom };
  const { inputType, variables, evaluate } = custom;
  if (evaluate === null && spec.evaluationBatchSize > 0) {
    session.warnings.add('The module has no evaluate: the test data is not used.');
  }
  return {
    inputType,
    weights: variables,
    trained: trainableVariables(custom),
    training: customTrainingStep(parts),
    evaluation: evaluate === null ? null : customEvaluationStep(parts),
    prediction: () => null,
  };
}
