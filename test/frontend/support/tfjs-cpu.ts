import { createRequire } from 'node:module';
import { tf } from '../../../src/frontend/tfjs/load-tfjs.js';

createRequire(import.meta.url)('@tensorflow/tfjs-backend-cpu');

/** Which step the draws belong to; replay and eager training set it alike. */
export const drawing = { step: 0 };

/** Any fixed function of (step, stream, element) will do here: the real one is not the recorder's business. */
function draw(stream: number, element: number): number {
  let hash =
    Math.imul(drawing.step + 1, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b) ^ Math.imul(element + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 8) * 2 ** -24;
}

function registerDraw(kernelName: string, value: (uniform: number) => number): void {
  tf.registerKernel({
    kernelName,
    backendName: 'cpu',
    kernelFunc: ({ attrs, backend }) => {
      const { shape, stream } = attrs as unknown as { shape: number[]; stream: number };
      const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => value(draw(stream, i)));
      const cpu = backend as unknown as {
        makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): never;
      };
      return cpu.makeTensorInfo(shape, 'float32', values);
    },
  });
}

/** Makes tfjs-backend-cpu current, with stand-ins for the product's own kernels. */
export async function useCpu(): Promise<void> {
  await tf.setBackend('cpu');
  if (tf.getKernel('GensynUniform', 'cpu') === undefined) {
    registerDraw('GensynUniform', (uniform) => uniform);
    registerDraw('GensynNormal', (uniform) => 2 * uniform - 1);
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
