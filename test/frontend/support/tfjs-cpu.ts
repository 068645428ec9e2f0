import { createRequire } from 'node:module';
import { tf } from '../../../src/frontend/tfjs/load-tfjs.js';
import { streamKey, threefry2x32 } from '../../../src/numerics/threefry.js';

createRequire(import.meta.url)('@tensorflow/tfjs-backend-cpu');

/** Which step the draws belong to; replay and eager training set it alike. */
export const drawing = { step: 0 };

/** The seed under which tests lower what they record. */
export const TEST_SEED = 3;

/** The two words that the product draws for an element of a stream in the current step. */
function wordsOf(stream: number, element: number): [number, number] {
  return threefry2x32(streamKey(TEST_SEED, stream), [element, drawing.step]);
}

function uniform([word]: readonly [number, number]): number {
  return (word >>> 8) * 2 ** -24;
}

/** Box and Muller's transform in binary64, by the definition in src/expr/random.ts. */
function normal([first, second]: readonly [number, number]): number {
  const u = ((first >>> 8) + 1) * 2 ** -24;
  return Math.sqrt(-2 * Math.log(u)) * Math.cos((2 * Math.PI * second) / 2 ** 32);
}

function registerDraw(kernelName: string, value: (words: [number, number]) => number): void {
  tf.registerKernel({
    kernelName,
    backendName: 'cpu',
    kernelFunc: ({ attrs, backend }) => {
      const { shape, stream } = attrs as unknown as { shape: number[]; stream: number };
      const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => value(wordsOf(stream, i)));
      const cpu = backend as unknown as {
        makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): never;
      };
      return cpu.makeTensorInfo(shape, 'float32', values);
    },
  });
}

/** Makes tfjs-backend-cpu current, with the product's own draws as kernels. */
export async function useCpu(): Promise<void> {
  await tf.setBackend('cpu');
  if (tf.getKernel('GensynUniform', 'cpu') === undefined) {
    registerDraw('GensynUniform', uniform);
    registerDraw('GensynNormal', normal);
  }
}

/** Numbers for tests, the same for the same seed, in [-1, 1). */
export function testNumbers(length: number, seed: number): number[] {
  let state = seed >>> 0;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** The bits of numbers, for comparisons that tell NaN and −0 apart. */
export function bitsOf(values: ArrayLike<number>): number[] {
  return Array.from(new Uint32Array(Float32Array.from(values).buffer));
}
