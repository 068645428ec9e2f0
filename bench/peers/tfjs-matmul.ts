import { rateOf } from '../measure.js';
import { type Meter, type MeterOptions, textOption } from '../meter.js';
import { gigaOperations, type MatmulCase, matmulCase, numbers, operandShapes } from '../shapes.js';
import { loadTfjs, type Tfjs } from './tfjs.js';

/** GFLOP/s of matrix products on tfjs, which runs them on one thread under Node. Options: `backend`. */
export async function startTfjsMatmulMeter(options: MeterOptions): Promise<Meter> {
  const tf = await loadTfjs(textOption(options, 'backend'));
  const rates = new Map<string, (milliseconds: number) => Promise<number>>();
  return {
    sample: async (name, milliseconds) => {
      const given = matmulCase(name);
      const rate = rates.get(name) ?? rateOf(productOf(tf, given));
      rates.set(name, rate);
      return gigaOperations(given) * (await rate(milliseconds));
    },
    close: async () => {},
  };
}

function productOf(tf: Tfjs, given: MatmulCase): (count: number) => void {
  const [a, b] = operandShapes(given).map((shape) => tf.tensor2d(numbers(shape[0] * shape[1]), shape));
  return (count) => {
    for (let done = 0; done < count; done++) tf.matMul(a!, b!, given.transposeA, given.transposeB).dispose();
  };
}
