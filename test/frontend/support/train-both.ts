/** Trains a specification twice: through the product (record, lower, reference backend) and with tfjs's own kernels. */
import { storedTensor } from '../../../src/frontend/lowering/lazy-tensor.js';
import { type BatchBinding, lowerRecording } from '../../../src/frontend/lowering/lower-recording.js';
import type { Recording } from '../../../src/frontend/recording.js';
import { recordTraining } from '../../../src/frontend/tfjs/record-training.js';
import type { RecordedTraining, RecordingSpec } from '../../../src/frontend/tfjs/specification.js';
import { distance, runSteps, valuesOf, wordsOf } from '../../lowering/support/run-kernel.js';
import { type Batch, trainEagerly } from './eager.js';
import type { Numbers } from './replay.js';
import { TEST_SEED, testNumbers, useCpu } from './tfjs-cpu.js';

export const LEARNING_RATE = 0.0625;
export const STEPS = 3;

const size = (shape: readonly number[]): number => shape.reduce((total, extent) => total * extent, 1);

export interface TrainedByProduct {
  readonly recorded: RecordedTraining;
  /** The state at genesis and after the last step, in the recording's order. */
  readonly initial: readonly Numbers[];
  readonly final: readonly Numbers[];
  readonly losses: readonly number[];
  /** Empty where the specification asks for none. */
  readonly accuracies: readonly number[];
}

/** One batch, the same in every step. Inputs of type int32 are token numbers below `tokens`. */
export function batchFor(spec: RecordingSpec, tokens?: number): Batch {
  const { labels } = spec;
  const x = testNumbers(spec.batchSize * size(spec.inputShape), 1);
  const y = testNumbers(spec.batchSize * size(labels.shape ?? []), 2);
  const below = (count: number) => (value: number) => Math.floor(((value + 1) / 2) * count);
  return {
    x: tokens === undefined ? x : x.map(below(tokens)),
    y: labels.kind === 'class' ? y.map(below(labels.classes)) : y,
  };
}

/** Records, lowers and trains on the reference backend from the product's own genesis. */
export async function trainByProduct(spec: RecordingSpec, batch: Batch): Promise<TrainedByProduct> {
  const recorded = await recordTraining(spec);
  await useCpu();
  const { training, genesis } = recorded;
  const start = lowerRecording({ recording: genesis, bind: {}, seed: TEST_SEED });
  const empty = genesis.state.map(({ shape }) => new Uint32Array(size(shape)));
  const initial = (await runSteps(start.program, start.constants, empty, 1)).state;
  const bind = bindingsOf(training, { ...batch, learningRate: [LEARNING_RATE] });
  const { program, constants } = lowerRecording({ recording: training, bind, seed: TEST_SEED });
  const outcome = await runSteps(program, constants, initial, STEPS);
  const read = (state: readonly Uint32Array[]) => state.map((words, at) => valuesOf(words, training.state[at]!.dtype));
  const resultOf = (name: string): number[] => {
    const at = Object.keys(program.results).indexOf(name);
    return at < 0 ? [] : outcome.results.map((words) => valuesOf(words, 'float32')[at]!);
  };
  return {
    recorded,
    initial: read(initial),
    final: read(outcome.state),
    losses: resultOf('loss'),
    accuracies: resultOf('accuracy'),
  };
}

/** The largest distance between the product's training and that of eager tfjs: over all weights, and over the losses. */
export async function distanceToTfjs(spec: RecordingSpec, batch: Batch): Promise<{ weights: number; loss: number }> {
  const ours = await trainByProduct(spec, batch);
  const theirs = await trainEagerly(spec, new Array<Batch>(STEPS).fill(batch), LEARNING_RATE, ours.initial);
  const weights = theirs.weights.at(-1)!.map((values, at) => distance(ours.final[at]!, values));
  return { weights: Math.max(...weights), loss: distance(ours.losses, theirs.losses) };
}

function bindingsOf(recording: Recording, data: Readonly<Record<string, Numbers>>): Record<string, BatchBinding> {
  return Object.fromEntries(
    recording.batch.map(({ name, shape, dtype }): [string, BatchBinding] => [
      name,
      (builder) => {
        const constant = { name, dtype: dtype === 'float32' ? ('f32' as const) : ('i32' as const), shape };
        const words = wordsOf({ shape, dtype, values: data[name]! });
        return storedTensor(builder.constant(constant, words), shape, dtype);
      },
    ]),
  );
}
