import { bindLearningRate } from './learning-rate.js';
import { type LayersModel, type Optimizer, type Tensor, tf, type Variable } from './load-tfjs.js';
import { chooseLoss, type LossPerExample, lastActivation } from './losses.js';
import type { RecordingSession } from './recording-session.js';
import type { ModelShapes, TargetForm } from './shape-checks.js';
import type { RecordingSpec } from './specification.js';

/** Runs once per recorded step on symbolic tensors; gives its results as value ids. */
export type Step = (batch: Readonly<Record<string, Tensor>>) => Record<string, number>;

export interface StepParts {
  readonly session: RecordingSession;
  readonly model: LayersModel;
  readonly optimizer: Optimizer;
  readonly spec: RecordingSpec;
  readonly shapes: ModelShapes;
}

/** Forward, backward and update. Batch: x, y, learningRate. */
export function trainingStep({ session, model, optimizer, spec, shapes }: StepParts): Step {
  const lossOf = chooseLoss(spec.loss, model);
  const trained = trainedVariables(model);
  attributeUpdates(session, optimizer);
  return (batch) => {
    const { x, y, learningRate } = batch as { x: Tensor; y: Tensor; learningRate: Tensor };
    const results: Record<string, number> = {};
    session.within('optimizer', () => bindLearningRate(session, spec.optimizer.name, optimizer, learningRate));
    const totalLoss = () => {
      const prediction = predict(model, x, true);
      const loss = session.within('loss', () => tf.mean(lossOf(targetOf(y, shapes.target, spec), prediction)));
      if (spec.metrics.includes('accuracy')) {
        const accuracy = session.within('metric', () => tf.mean(hits(model, prediction, y, shapes.target)));
        results['accuracy'] = session.valueOf(accuracy).id;
      }
      return addRegularizers(session, model, loss);
    };
    const loss = optimizer.minimize(totalLoss as () => import('@tensorflow/tfjs-core').Scalar, true, trained);
    results['loss'] = session.valueOf(loss as Tensor).id;
    return results;
  };
}

/**
 * Forward only, without dropout and without regularisers. Batch: x, y, weight [batch], which is 0 for padding rows.
 * Results: `loss`, the weighted sum over rows; `count`, the sum of weights; `correct`, for class labels.
 */
export function evaluationStep({ session, model, spec, shapes }: StepParts): Step {
  const lossOf: LossPerExample = chooseLoss(spec.loss, model);
  const weightedSum = (values: Tensor, weight: Tensor) => session.valueOf(tf.sum(tf.mul(perRow(values), weight))).id;
  return (batch) => {
    const { x, y, weight } = batch as { x: Tensor; y: Tensor; weight: Tensor };
    return session.withPhase('forward', () => {
      const prediction = predict(model, x, false);
      const results: Record<string, number> = {};
      session.within('loss', () => {
        results['loss'] = weightedSum(lossOf(targetOf(y, shapes.target, spec), prediction), weight);
        results['count'] = session.valueOf(tf.sum(weight)).id;
      });
      if (spec.labels.kind === 'class') {
        session.within('metric', () => {
          results['correct'] = weightedSum(hits(model, prediction, y, shapes.target), weight);
        });
      }
      return results;
    });
  };
}

/** The weights that the optimiser changes, in the order in which it keeps its slots. */
export function trainedVariables(model: LayersModel): Variable[] {
  return model.trainableWeights.map((weight) => weight.read() as Variable);
}

function predict(model: LayersModel, x: Tensor, training: boolean): Tensor {
  return model.apply(x, { training }) as Tensor;
}

/** The optimiser's own arithmetic, as opposed to the passes that `minimize` runs before it. */
function attributeUpdates(session: RecordingSession, optimizer: Optimizer): void {
  const original = optimizer.applyGradients.bind(optimizer);
  optimizer.applyGradients = (gradients) => session.within('optimizer', () => original(gradients));
}

function addRegularizers(session: RecordingSession, model: LayersModel, loss: Tensor): Tensor {
  return session.within('regularizer', () => {
    const losses = (model as unknown as { calculateLosses(): Tensor[] }).calculateLosses();
    return losses.reduce((sum, regularizer) => tf.add(sum, regularizer), loss);
  });
}

/** Labels as the loss wants them: float32, in the shape of the model's output. */
function targetOf(y: Tensor, form: TargetForm, { labels }: RecordingSpec): Tensor {
  if (form === 'values' || labels.kind === 'values') {
    return y;
  }
  return form === 'one-hot'
    ? tf.oneHot(y as import('@tensorflow/tfjs-core').Tensor1D, labels.classes, 1, 0, 'float32')
    : tf.expandDims(tf.cast(y, 'float32'), -1);
}

/** 1 where the predicted class is the label, 0 elsewhere; float32 in the shape of the labels. */
function hits(model: LayersModel, prediction: Tensor, y: Tensor, form: TargetForm): Tensor {
  const threshold = lastActivation(model) === 'sigmoid' ? 0.5 : 0;
  const predicted =
    form === 'zero-one'
      ? tf.cast(tf.squeeze(tf.greater(prediction, threshold), [-1]), 'int32')
      : tf.argMax(prediction, -1);
  return tf.cast(tf.equal(predicted, y), 'float32');
}

/** Averages over every dimension but the first. */
function perRow(values: Tensor): Tensor {
  const inner = values.shape.map((_, dimension) => dimension).slice(1);
  return inner.length === 0 ? values : tf.mean(values, inner);
}
