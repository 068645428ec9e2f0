import type { Recording } from '../recording.js';

/** Where the model comes from. A module runs code of its author and is only ever loaded on the client's own machine. */
export type ModelSource =
  | { readonly kind: 'topology'; readonly json: unknown; readonly weights?: ModelWeights }
  | { readonly kind: 'module'; readonly url: string };

/** The weights of a tfjs `model.json`: manifest entries and their bytes, one after the other. */
export interface ModelWeights {
  readonly specs: readonly { readonly name: string; readonly shape: readonly number[]; readonly dtype: string }[];
  readonly data: ArrayBuffer;
}

/** Numbers for one weight. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float32Array;
}

export const LOSS_NAMES = [
  'softmaxCrossEntropy',
  'sigmoidCrossEntropy',
  'meanSquaredError',
  'meanAbsoluteError',
  'huber',
  'meanAbsolutePercentageError',
  'meanSquaredLogarithmicError',
  'logCosh',
  'poisson',
  'kullbackLeiblerDivergence',
  'cosineProximity',
  'cosineDistance',
  'hinge',
  'squaredHinge',
  'categoricalHinge',
  'logLoss',
  'custom',
] as const;
/** A loss; `custom` is what the training step of a module computes itself. */
export type LossName = (typeof LOSS_NAMES)[number];

/**
 * Names of Keras and of tf.losses for the same losses. Whether a cross-entropy takes logits or probabilities is read off
 * the model's last layer, and class numbers are made one-hot where that is needed: `fromLogits` and `sparse` say nothing
 * that is not known.
 */
export const LOSS_ALIASES = {
  categoricalCrossentropy: 'softmaxCrossEntropy',
  sparseCategoricalCrossentropy: 'softmaxCrossEntropy',
  binaryCrossentropy: 'sigmoidCrossEntropy',
  absoluteDifference: 'meanAbsoluteError',
  mse: 'meanSquaredError',
  mae: 'meanAbsoluteError',
  mape: 'meanAbsolutePercentageError',
  msle: 'meanSquaredLogarithmicError',
  kld: 'kullbackLeiblerDivergence',
  logcosh: 'logCosh',
} as const satisfies Readonly<Record<string, LossName>>;
export type LossAlias = keyof typeof LOSS_ALIASES;

/** Bounds gradients before the update; exactly one of the three. */
export interface GradientClip {
  /** Each weight's gradient is scaled down to at most this L2 norm. */
  readonly norm?: number;
  /** All gradients are scaled down together, to at most this L2 norm over all of them. */
  readonly globalNorm?: number;
  /** Each number is clipped to [−value, value]. */
  readonly value?: number;
}

type AdamOptions = { readonly beta1?: number; readonly beta2?: number; readonly epsilon?: number };

/** An optimiser without its learning rate, which is an input of the step. Missing numbers take tfjs's defaults. */
export type OptimizerSpec = { readonly clip?: GradientClip } & (
  | { readonly name: 'sgd' }
  | { readonly name: 'momentum'; readonly momentum?: number; readonly nesterov?: boolean }
  | ({ readonly name: 'adam' } & AdamOptions)
  | ({
      /** Adam with decoupled weight decay: before each update every weight loses rate × `weightDecay` of itself. */
      readonly name: 'adamw';
      /** 0.004 unless told, as in Keras. */
      readonly weightDecay?: number;
      /** Weights that do not decay, by the last part of their names: `bias`, `gamma`. */
      readonly decayExcept?: readonly string[];
    } & AdamOptions)
  | ({ readonly name: 'adamax' } & AdamOptions)
  | {
      readonly name: 'rmsprop';
      readonly decay?: number;
      readonly momentum?: number;
      readonly epsilon?: number;
      readonly centered?: boolean;
    }
  | { readonly name: 'adagrad'; readonly initialAccumulatorValue?: number }
  | { readonly name: 'adadelta'; readonly rho?: number; readonly epsilon?: number }
);
export type OptimizerName = OptimizerSpec['name'];

/**
 * What one example is labelled with. `class`: an int32 class number (or, with `shape`, several: one per token).
 * `values`: float32 numbers.
 */
export type LabelSpec =
  | { readonly kind: 'class'; readonly classes: number; readonly shape?: readonly number[] }
  | { readonly kind: 'values'; readonly shape: readonly number[] };

export interface RecordingSpec {
  readonly model: ModelSource;
  /** What the weights begin with, by name, in place of the model's own initial values. */
  readonly initialWeights?: readonly NamedTensor[];
  readonly loss: LossName;
  readonly optimizer: OptimizerSpec;
  readonly metrics: readonly 'accuracy'[];
  readonly batchSize: number;
  /**
   * Parts that the batch is cut into, 1 unless told. Each part goes forward and backward alone, and the weights change
   * once, by the mean of the parts' gradients.
   */
  readonly microBatches?: number;
  /** The job's seed, for a module that wants to know it; 0 unless told. Draws do not hang on it here. */
  readonly seed?: number;
  /** Rows of an evaluation batch; 0 for no evaluation. */
  readonly evaluationBatchSize: number;
  /** Shape of one example. */
  readonly inputShape: readonly number[];
  readonly labels: LabelSpec;
}

/** The functions of a job, with the same state tensors in the same order. */
export interface RecordedTraining {
  /** batch: x, y, learningRate; results: loss, and accuracy where asked for. */
  readonly training: Recording;
  /** batch: x, y, weight; results: loss (weighted sum over rows), count (sum of weights), correct (class labels only). */
  readonly evaluation: Recording | null;
  /**
   * What the model says about one batch. No batch inputs and no results: behind the state tensors come three more, the
   * `input`, the `inverseTemperature` and the `output`, whose next value is the answer. `null` where the model cannot be
   * recorded that way; a warning says why.
   */
  readonly prediction: Recording | null;
  /** no batch; `next` holds the initial values. */
  readonly genesis: Recording;
  readonly warnings: readonly string[];
}
