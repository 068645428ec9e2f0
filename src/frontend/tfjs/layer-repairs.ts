import { type Tensor, tf } from './load-tfjs.js';
import type { Patches } from './patches.js';

type Shape = readonly (number | null)[];

/** A normalising layer of tfjs-layers. `axis` is a list for LayerNormalization. */
interface NormalisingLayer {
  axis: number | number[];
  scale: boolean;
  center: boolean;
  gamma?: { read(): Tensor } | null;
  beta?: { read(): Tensor } | null;
}

/**
 * BatchNormalization and LayerNormalization without `scale` or without `center` cannot be trained with tfjs, which reads
 * the weights that are not there. Ones and zeros stand in for them: constants, no part of the state.
 */
export function repairLayers(patches: Patches): void {
  const classes = tf.serialization.SerializationMap.getMap().classNameMap;
  for (const className of ['BatchNormalization', 'LayerNormalization']) {
    const prototype = classes[className]?.[0].prototype as object;
    patches.replace(prototype, 'build', (original) => {
      return function (this: NormalisingLayer, inputShape: Shape | Shape[]) {
        (original as (this: NormalisingLayer, shape: unknown) => void).call(this, inputShape);
        const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
        const axes = typeof this.axis === 'number' ? [this.axis] : this.axis;
        const extents = axes.map((axis) => shape.at(axis) as number);
        if (!this.scale) {
          this.gamma = { read: () => tf.fill(extents, 1) };
          this.scale = true;
        }
        if (!this.center) {
          this.beta = { read: () => tf.fill(extents, 0) };
          this.center = true;
        }
      };
    });
  }
}
