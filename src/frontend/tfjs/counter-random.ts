import { fail } from '../../errors/index.js';
import { clientPlace } from './client-place.js';
import { type Tensor, tf } from './load-tfjs.js';
import type { Patches } from './patches.js';
import type { RecordingSession } from './recording-session.js';

/** Numbers the draws of a step: two steps draw the same streams, told apart by the step's number when they run. */
export interface DrawCounter {
  next(): number;
  restart(): void;
}

export function createDrawCounter(): DrawCounter {
  let drawn = 0;
  return {
    next: () => drawn++,
    restart: () => {
      drawn = 0;
    },
  };
}

type DType = 'float32' | 'int32' | 'bool';

const IRREPLACEABLE = ['truncatedNormal', 'randomGamma', 'randomUniformInt', 'multinomial', 'rand'];

/**
 * Replaces tfjs's host-side draws by kernels that the program computes from (seed, step, stream, element). tfjs-layers
 * reads these functions of tfjs-core when it calls them, so that all its dropout and noise layers follow. Seeds given
 * by the model are not used: the job's seed decides.
 */
export function replaceRandomOperations(session: RecordingSession, draws: DrawCounter, patches: Patches): void {
  const replaceOperation = (name: string, inStep: (...rest: never[]) => Tensor, inBuild: typeof inStep) => {
    patches.replace(
      tf,
      name,
      () =>
        (...rest: never[]) =>
          session.insideStep ? inStep(...rest) : inBuild(...rest),
    );
  };
  const kernel = (name: string, shape: readonly number[]): Tensor =>
    tf.engine().runKernel(name, {}, { shape: shape.slice(), stream: draws.next() }) as Tensor;

  const uniform = (shape: number[], low = 0, high = 1, dtype: DType = 'float32') => {
    const unit = kernel('GensynUniform', shape);
    const scaled = low === 0 && high === 1 ? unit : tf.add(tf.mul(unit, high - low), low);
    return dtype === 'float32' ? scaled : tf.cast(tf.floor(scaled), dtype);
  };
  const normal = (shape: number[], mean = 0, deviation = 1) =>
    tf.add(tf.mul(kernel('GensynNormal', shape), deviation), mean);

  replaceOperation('randomUniform', uniform, (shape: number[], low = 0, high = 1, dtype: DType = 'float32') =>
    drawInitial('RandomUniform', { minval: low, maxval: high }, shape, dtype),
  );
  const initialNormal = (shape: number[], mean = 0, stddev = 1, dtype: DType = 'float32') =>
    drawInitial('RandomNormal', { mean, stddev }, shape, dtype);
  replaceOperation('randomNormal', normal, initialNormal);
  replaceOperation(
    'randomStandardNormal',
    (shape: number[]) => normal(shape),
    (shape: number[]) => initialNormal(shape),
  );
  patches.replace(tf, 'dropout', () => dropoutWith(uniform));
  refuseOtherDraws(session, patches);
}

/** As tf.dropout of 4.22, step by step, with `uniform` for its draws. */
function dropoutWith(uniform: (shape: number[]) => Tensor) {
  return (x: Tensor, rate: number, noiseShape?: (number | null)[]): Tensor => {
    if (rate === 0) {
      return x.clone();
    }
    const shape = x.shape.map((size, dimension) => noiseShape?.[dimension] ?? size);
    const keep = 1 - rate;
    return tf.mul(x, tf.div(tf.floor(tf.add(uniform(shape), keep)), keep));
  };
}

/** A draw while the model is built becomes part of the genesis program. */
export function drawInitial(className: string, config: object, shape: readonly number[], dtype: DType): Tensor {
  return tf.engine().runKernel('GensynInit', {}, { className, config, shape: shape.slice(), dtype } as never) as Tensor;
}

function refuseOtherDraws(session: RecordingSession, patches: Patches): void {
  const refusal = (source: string) =>
    session.refuse(fail('frontend.host-randomness', { layer: session.layerName, source, place: clientPlace() }));
  for (const name of IRREPLACEABLE) {
    patches.replace(tf, name, () => (...rest: never[]) => {
      if (name === 'truncatedNormal' && !session.insideStep) {
        const [shape, mean = 0, stddev = 1, dtype = 'float32'] = rest as unknown as [
          number[],
          number?,
          number?,
          DType?,
        ];
        return drawInitial('TruncatedNormal', { mean, stddev }, shape, dtype);
      }
      throw refusal(`tf.${name}`);
    });
  }
  patches.replace(Math, 'random', () => () => {
    throw refusal('Math.random');
  });
}
