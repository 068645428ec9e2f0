/** tfjs under Node as its users have it: the CommonJS builds, with the fastest settings it offers there. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Tensor } from '@tensorflow/tfjs-core';

const require = createRequire(import.meta.url);

export type Tfjs = typeof import('@tensorflow/tfjs-core');
export type TfjsLayers = typeof import('@tensorflow/tfjs-layers');

/** @param backend - `cpu` or `wasm` */
export async function loadTfjs(backend: string): Promise<Tfjs> {
  const tf = require('@tensorflow/tfjs-core') as Tfjs;
  // The layers library registers the gradients; core alone cannot train.
  loadTfjsLayers();
  // Chained methods are not part of this build, and the layers library calls one of them.
  const methods = tf.Tensor.prototype as unknown as { flatten: (this: Tensor) => Tensor };
  methods.flatten = function () {
    return tf.reshape(this, [this.size]);
  };
  const entry = `@tensorflow/tfjs-backend-${backend}`;
  const library = require(entry) as { setWasmPaths?: (folder: string) => void };
  library.setWasmPaths?.(join(dirname(require.resolve(`${entry}/package.json`)), 'dist/'));
  tf.env().set('PROD', true);
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs cannot start its ${backend} backend`);
  await tf.ready();
  return tf;
}

export function loadTfjsLayers(): TfjsLayers {
  return require('@tensorflow/tfjs-layers') as TfjsLayers;
}
