import { bindLearningRate } from './learning-rate.js';
import { type LayersModel, type Optimizer, type Tensor, tf, type Variable } from './load-tfjs.js';
import { chooseLoss, type LossPerExample, lastActivation } from './losses.js';
import type { RecordingSession } from './recording-session.js';
import type { ModelShapes, TargetForm } from './shape-checks.js';
import type { RecordingSpec } from './specification.js';
import { type Constraint, meanOf, type TrainedWeight, update } from './update.js';

/** Runs once per recorded step on symbolic tensors; gives its results as value ids. */
export type Step = (batch: Readonly<Record<string, Tensor>>) => Record<string, number>;

export interface StepParts {
  readonly session: RecordingSession;
  readonly model: LayersModel;
  readonly optimizer: Optimizer;
  readonly spec: RecordingSpec;
  readonly shapes: ModelShapes;
}

/** Forward, backward and update, for each micro-batch and then together. Batch: x, y, learningRate. */
export function trainingStep({ session, model, optimizer, spec, shapes }: StepParts): Step {
  const lossOf = chooseLoss(spec.loss, model);
  const trained = trainedWeights(model);
  return (batch) => {
    const { x, y, learningRate } = batch as { x: Tensor; y: Tensor; learningRate: Tensor };
    const results: Record<string, number> = {};
    const accuracies: Tensor[] = [];
    session.within('optimizer', () => bindLearningRate(session, spec.optimizer.name, optimizer, learningRate));
    const losses = microBatches(session, [x, y], spec.microBatches ?? 1).map(([features, labels]) => () => {
      const prediction = predict(model, features, true);
      const loss = session.within('loss', () => tf.mean(lossOf(targetOf(labels, shapes.target, spec), prediction)));
      if (spec.metrics.includes('accuracy')) {
        // Kept, because a gradient tidies up what its loss made.
        accuracies.push(
          session.within('metric', () => tf.keep(tf.mean(hits(model, prediction, labels, shapes.target)))),
        );
      }
      return addRegularizers(session, model, loss);
    });
    const loss = update({ session, optimizer, spec: spec.optimizer, trained }, losses, learningRate);
    if (accuracies.length > 0) {
      results['accuracy'] = session.within('metric', () => session.valueOf(meanOf(accuracies)).id);
      tf.dispose(accuracies);
    }
    results['loss'] = session.valueOf(loss).id;
    return results;
  };
}

/** Cuts tensors into parts of equal rows: one list [features, labels] for each part. */
export function microBatches(
  session: RecordingSession,
  tensors: readonly [Tensor, Tensor],
  parts: number,
): (readonly [Tensor, Tensor])[] {
  if (parts === 1) return [tensors];
  const [features, labels] = session.within('batch', () => tensors.map((tensor) => tf.split(tensor, parts, 0)));
  return features!.map((part, index) => [part, labels![index]!]);
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

/**
 * Forward only, for people: what the model says about one batch. Batch: x; inverseTemperature, a scalar that the logits
 * of a softmax are multiplied by. Result: `output`, probabilities where the loss is a cross-entropy, the model's own
 * numbers elsewhere.
 */
export function predictionStep({ session, model, spec, shapes }: StepParts): Step {
  const activation = lastActivation(model);
  // A single number for two classes is a logit whatever the loss: its sign decides, as in the accuracy.
  const isLogit = (spec.loss === 'sigmoidCrossEntropy' || shapes.target === 'zero-one') && activation !== 'sigmoid';
  return (batch) => {
    const { x, inverseTemperature } = batch as { x: Tensor; inverseTemperature: Tensor };
    return session.withPhase('forward', () => {
      const raw = predict(model, x, false);
      const output = session.within('prediction', () => {
        if (spec.loss === 'softmaxCrossEntropy') {
          return tf.softmax(tf.mul(activation === 'softmax' ? tf.log(raw) : raw, inverseTemperature));
        }
        return isLogit ? tf.sigmoid(raw) : raw;
      });
      return { output: session.valueOf(output).id };
    });
  };
}

/** The weights that the optimiser changes, in the order in which it keeps its slots. */
export function trainedWeights(model: LayersModel): TrainedWeight[] {
  return model.trainableWeights.map((weight) => ({
    variable: weight.read() as Variable,
    name: weight.originalName,
    constraint: (weight as { constraint?: Constraint | null }).constraint ?? null,
  }));
}

function predict(model: LayersModel, x: Tensor, training: boolean): Tensor {
  return model.apply(x, { training }) as Tensor;
}

function addRegularizers(session: RecordingSession, model: LayersModel, loss: Tensor): Tensor {
  return session.within('regularizer', () => {
    const losses = (model as unknown as { calculateLosses(): Tensor[] }).calculateLosses();
    return losses.reduce((sum, regularizer) => tf.add(sum, regularizer), loss);
  });
}

const HINGES: readonly string[] = ['hinge', 'squaredHinge'];

/** Labels as the loss wants them: float32, in the shape of the model's output; −1 and 1 for a hinge, as in Keras. */
function targetOf(y: Tensor, form: TargetForm, { labels, loss }: RecordingSpec): Tensor {
  if (form === 'values' || labels.kind === 'values') {
    return y;
  }
  const low = HINGES.includes(loss) ? -1 : 0;
  if (form === 'one-hot') {
    return tf.oneHot(y as import('@tensorflow/tfjs-core').Tensor1D, labels.classes, 1, low, 'float32');
  }
  const single = tf.expandDims(tf.cast(y, 'float32'), -1);
  return low === 0 ? single : tf.sub(tf.mul(single, 2), 1);
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
