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

export const LOSS_NAMES = [
  'softmaxCrossEntropy',
  'sigmoidCrossEntropy',
  'meanSquaredError',
  'meanAbsoluteError',
  'huber',
] as const;
export type LossName = (typeof LOSS_NAMES)[number];

/**
 * An optimiser without its learning rate, which is an input of the step. Missing numbers take tfjs's defaults.
 * RMSProp's centred form is left out: tfjs subtracts its epsilon and gets NaN on the second step.
 */
export type OptimizerSpec =
  | { readonly name: 'sgd' }
  | { readonly name: 'momentum'; readonly momentum?: number; readonly nesterov?: boolean }
  | { readonly name: 'adam'; readonly beta1?: number; readonly beta2?: number; readonly epsilon?: number }
  | { readonly name: 'adamax'; readonly beta1?: number; readonly beta2?: number; readonly epsilon?: number }
  | { readonly name: 'rmsprop'; readonly decay?: number; readonly momentum?: number; readonly epsilon?: number }
  | { readonly name: 'adagrad'; readonly initialAccumulatorValue?: number }
  | { readonly name: 'adadelta'; readonly rho?: number; readonly epsilon?: number };
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
  readonly loss: LossName;
  readonly optimizer: OptimizerSpec;
  readonly metrics: readonly 'accuracy'[];
  readonly batchSize: number;
  /** Rows of an evaluation batch; 0 for no evaluation. */
  readonly evaluationBatchSize: number;
  /** Shape of one example. */
  readonly inputShape: readonly number[];
  readonly labels: LabelSpec;
}

/** The three functions of a job, with the same state tensors in the same order. */
export interface RecordedTraining {
  /** batch: x, y, learningRate; results: loss, and accuracy where asked for. */
  readonly training: Recording;
  /** batch: x, y, weight; results: loss (weighted sum over rows), count (sum of weights), correct (class labels only). */
  readonly evaluation: Recording | null;
  /** no batch; `next` holds the initial values. */
  readonly genesis: Recording;
  readonly warnings: readonly string[];
}
