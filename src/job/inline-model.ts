/** A model written as a list of layers inside the job file, as the topology that the front-end loads. */
import type { JsonObject } from '../data/strict-json.js';

export interface LayerDeclaration {
  /** A tfjs layer: `Dense`, `Dropout`, `Flatten`, … */
  readonly className: string;
  /** Its options, with the names of tfjs: `{ "units": 10, "activation": "relu" }`. */
  readonly config?: JsonObject;
}

/**
 * The topology of a sequential model, as in a tfjs `model.json`. The first layer's `inputShape` may be left out: it is
 * the shape of an example. A `Flatten` in front is left out where examples are flat already, which tfjs refuses.
 */
export function sequentialTopology(
  name: string,
  layers: readonly LayerDeclaration[],
  exampleShape: readonly number[],
): JsonObject {
  const [first] = layers;
  const alreadyFlat = exampleShape.length === 1 && layers.length > 1 && first?.className === 'Flatten';
  const used = alreadyFlat ? layers.slice(1) : layers;
  return {
    class_name: 'Sequential',
    config: {
      name,
      layers: used.map(({ className, config = {} }, at) => {
        const needsShape = at === 0 && !('inputShape' in config) && !('batchInputShape' in config);
        return { class_name: className, config: needsShape ? { ...config, inputShape: exampleShape } : config };
      }),
    },
  };
}
