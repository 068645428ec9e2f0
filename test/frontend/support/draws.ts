import { type Tensor, tf } from '../../../src/frontend/tfjs/load-tfjs.js';

const streams = { next: 0 };

/** Numbers the draws of a step from 0 again, as the recorder does at the start of each step. */
export function restartDraws(): void {
  streams.next = 0;
}

/**
 * Gives tfjs's eager dropout and noise layers the product's draws, so that both sides train with the same masks. Only
 * where the numbers come from is replaced; what the layers do with them stays tfjs's.
 *
 * @returns a function that puts tfjs's own draws back
 */
export function replaceDraws(): () => void {
  const operations = tf as unknown as Record<string, unknown>;
  const { dropout, randomNormal, randomUniform } = operations;
  const kernel = (name: string, shape: readonly number[]) =>
    tf.engine().runKernel(name, {}, { shape: shape.slice(), stream: streams.next++ }) as Tensor;
  operations['dropout'] = (x: Tensor, rate: number, noiseShape?: (number | null)[]) => {
    if (rate === 0) return x.clone();
    const shape = x.shape.map((size, dimension) => noiseShape?.[dimension] ?? size);
    return tf.mul(x, tf.div(tf.floor(tf.add(kernel('GensynUniform', shape), 1 - rate)), 1 - rate));
  };
  operations['randomNormal'] = (shape: number[], mean: number, deviation: number) =>
    tf.add(tf.mul(kernel('GensynNormal', shape), deviation), mean);
  operations['randomUniform'] = (shape: number[]) => kernel('GensynUniform', shape);
  return () => Object.assign(operations, { dropout, randomNormal, randomUniform });
}
