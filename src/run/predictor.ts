/** A trained model that can be asked. The answer is computed by a canonical backend: it has the same bits everywhere. */
import type { Backend, Words } from '../backends/backend.js';
import { requireMemory } from '../backends/memory.js';
import { fail } from '../errors/index.js';
import type { Bundle } from '../job/bundle.js';
import { type Prediction, predictionTensors } from '../job/prediction.js';
import { bitsOf, valueOf } from '../numerics/float32.js';
import { stateWords } from '../program/program.js';

export interface Predictor {
  readonly prediction: Prediction;
  /** Rows of a question, numbers of one row, numbers of the answer to one row. */
  readonly rows: number;
  readonly inputSize: number;
  readonly outputSize: number;
  /** The last axis of the answer: one number for each class or token. */
  readonly classes: number;
  /**
   * Asks about one row; where the model takes several at once, all get the same.
   *
   * @param values - `inputSize` numbers as the data hold them; they are scaled as in training
   * @param temperature - what logits are divided by before the softmax; 1 for the model's own probabilities
   * @returns `outputSize` binary32 numbers
   */
  ask(values: readonly number[], temperature?: number): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/**
 * Loads a model with a state.
 *
 * @throws `predict.not-in-bundle`, `run.out-of-memory`
 */
export async function createPredictor(
  bundle: Bundle,
  state: readonly Words[],
  backend: Backend,
  threads: number,
): Promise<Predictor> {
  const { prediction } = bundle;
  if (prediction === null) throw fail('predict.not-in-bundle', { job: bundle.name });
  requireMemory(backend, prediction.program, { threads });
  const executor = await backend.prepare(prediction.program, prediction.constants, { threads });
  const { input, output } = predictionTensors(prediction);
  const rows = input.shape[0]!;
  const question = new Uint32Array(stateWords(input));
  const blank = new Uint32Array(stateWords(output));
  const inputSize = question.length / rows;
  const outputSize = blank.length / rows;
  let reached: readonly Words[] | undefined;
  return {
    prediction,
    rows,
    inputSize,
    outputSize,
    classes: output.shape.at(-1)!,
    ask: async (values, temperature = 1) => {
      if (values.length !== inputSize) throw new Error(`a question has ${inputSize} numbers, not ${values.length}`);
      const encode = encoder(prediction, input.dtype);
      for (let at = 0; at < question.length; at++) question[at] = encode(values[at % inputSize]!);
      const inverse = Uint32Array.of(bitsOf(Math.fround(1 / temperature)));
      await executor.writeState([...state, question, inverse, blank]);
      await executor.run(0, 1);
      reached = await executor.readState(reached);
      return Float32Array.from(reached.at(-1)!.subarray(0, outputSize), valueOf);
    },
    dispose: () => executor.dispose(),
  };
}

/** The word for a number of the data, as a batch of the training gets it: scaled and rounded after each operation. */
function encoder({ scale, offset }: Prediction, dtype: 'f32' | 'i32'): (value: number) => number {
  if (dtype === 'i32') return (value) => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(value))) >>> 0;
  return (value) => {
    const scaled = scale === 1 ? Math.fround(value) : Math.fround(Math.fround(value) * scale);
    return bitsOf(offset === 0 ? scaled : Math.fround(scaled + offset));
  };
}
