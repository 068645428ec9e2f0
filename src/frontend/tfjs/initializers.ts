import { drawInitial } from './counter-random.js';
import { type Tensor, tf } from './load-tfjs.js';
import type { Patches } from './patches.js';

/** tfjs-layers's initialisers that make values of their own; GlorotUniform and its kin inherit from VarianceScaling. */
const INITIALIZERS = [
  'Zeros',
  'Ones',
  'Constant',
  'RandomUniform',
  'RandomNormal',
  'TruncatedNormal',
  'Identity',
  'VarianceScaling',
  'Orthogonal',
];

type Initializer = { getConfig(): Record<string, unknown> };

/**
 * Makes every initialiser record one GensynInit call instead of drawing numbers on the host. Its `config` is that of
 * tfjs-layers without the seed, which the job's seed replaces.
 */
export function replaceInitializers(patches: Patches): void {
  const classes = tf.serialization.SerializationMap.getMap().classNameMap;
  for (const className of INITIALIZERS) {
    const prototype = classes[className]?.[0].prototype as object;
    patches.replace(prototype, 'apply', () => {
      return function (this: Initializer, shape: number[], dtype?: 'float32'): Tensor {
        const { seed: _replaced, ...config } = this.getConfig();
        return drawInitial(className, config, shape, dtype ?? 'float32');
      };
    });
  }
}
