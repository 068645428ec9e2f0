import type { LayerCase, Layers, Symbolic } from './layer-case.js';

type Merge = (layers: Layers) => { apply(inputs: Symbolic[]): unknown };

/** Merges two dense images of the input, so that both branches have a gradient. */
function merged(layer: string, options: string, merge: Merge, input: readonly number[] = [4]): LayerCase {
  const apply = (layers: Layers, x: Symbolic): Symbolic => {
    const branch = () => layers.dense({ units: 3, activation: 'tanh' }).apply(x) as Symbolic;
    return merge(layers).apply([branch(), branch()]) as Symbolic;
  };
  return { layer, options, input, apply };
}

export const MERGES: readonly LayerCase[] = [
  merged('Add', '', (layers) => layers.add()),
  merged('Multiply', '', (layers) => layers.multiply()),
  merged('Average', '', (layers) => layers.average()),
  merged('Maximum', '', (layers) => layers.maximum()),
  merged('Minimum', '', (layers) => layers.minimum()),
  merged('Concatenate', 'last axis', (layers) => layers.concatenate()),
  merged('Concatenate', 'axis 1', (layers) => layers.concatenate({ axis: 1 }), [3, 4]),
  merged('Dot', 'vectors', (layers) => layers.dot({ axes: -1 })),
  merged('Dot', 'vectors, normalised', (layers) => layers.dot({ axes: -1, normalize: true })),
  merged('Dot', 'matrices', (layers) => layers.dot({ axes: [2, 2] }), [3, 4]),
];
