import type { LossName, OptimizerSpec, RecordingSpec } from '../../../src/frontend/tfjs/specification.js';

type LayerConfig = Readonly<Record<string, unknown>>;

/** One layer of a topology in the Keras 2 form. */
export function layer(className: string, config: LayerConfig): object {
  return { class_name: className, config };
}

export function dense(name: string, units: number, activation = 'linear', more: LayerConfig = {}): object {
  return layer('Dense', { name, units, activation, ...more });
}

export function sequential(layers: readonly object[]): object {
  return { class_name: 'Sequential', config: { name: 'model', layers } };
}

export function l2(strength: number): object {
  return { class_name: 'L1L2', config: { l1: 0, l2: strength } };
}

/** The sample of the design: 784-256-128-10, relu, dropout, L2, softmax cross-entropy, Adam, accuracy. */
export function mlpSpec(): RecordingSpec {
  return {
    model: {
      kind: 'topology',
      json: sequential([
        dense('dense_1', 256, 'relu', { batch_input_shape: [null, 784], kernel_regularizer: l2(1e-4) }),
        layer('Dropout', { name: 'dropout_1', rate: 0.2 }),
        dense('dense_2', 128, 'relu', { kernel_regularizer: l2(1e-4) }),
        layer('Dropout', { name: 'dropout_2', rate: 0.2 }),
        dense('dense_3', 10, 'softmax'),
      ]),
    },
    loss: 'softmaxCrossEntropy',
    optimizer: { name: 'adam' },
    metrics: ['accuracy'],
    batchSize: 64,
    evaluationBatchSize: 256,
    inputShape: [784],
    labels: { kind: 'class', classes: 10 },
  };
}

export interface SmallOptions {
  readonly optimizer?: OptimizerSpec;
  readonly loss?: LossName;
  /** Layers between the input layer and the output. */
  readonly hidden?: readonly object[];
  readonly output?: string;
}

/** 6 numbers in, 4 classes (or 4 values) out, 8 rows; quick to record and to replay. */
export function smallSpec({ optimizer, loss, hidden, output }: SmallOptions = {}): RecordingSpec {
  const chosenLoss = loss ?? 'softmaxCrossEntropy';
  const classes = chosenLoss === 'softmaxCrossEntropy';
  return {
    model: {
      kind: 'topology',
      json: sequential([
        dense('first', 7, 'tanh', { batch_input_shape: [null, 6] }),
        ...(hidden ?? []),
        dense('last', 4, output ?? 'linear'),
      ]),
    },
    loss: chosenLoss,
    optimizer: optimizer ?? { name: 'sgd' },
    metrics: classes ? ['accuracy'] : [],
    batchSize: 8,
    evaluationBatchSize: 5,
    inputShape: [6],
    labels: classes ? { kind: 'class', classes: 4 } : { kind: 'values', shape: [4] },
  };
}

/** A spec whose model comes from a module given as source text. */
export function moduleSpec(body: string, more: Partial<RecordingSpec> = {}): RecordingSpec {
  const url = `data:text/javascript,${encodeURIComponent(body)}`;
  return { ...smallSpec(), model: { kind: 'module', url }, ...more };
}
