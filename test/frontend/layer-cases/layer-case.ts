import type { tfl } from '../../../src/frontend/tfjs/load-tfjs.js';

export type Layers = typeof tfl.layers;
export type Symbolic = import('@tensorflow/tfjs-layers').SymbolicTensor;

/** One layer with one choice of options: a row of docs/layers.md and a test of test/frontend/layers.test.ts. */
export interface LayerCase {
  /** The class of tfjs, such as `Conv2D`. */
  readonly layer: string;
  /** What is tested of it; '' for the defaults. Unique for the layer. */
  readonly options: string;
  /** Shape of one example. */
  readonly input: readonly number[];
  /** The inputs are numbers of tokens below this, and no layer stands in front. */
  readonly tokens?: number;
  /** No layer stands in front, so that nothing is asked of the gradient for the input. */
  readonly first?: true;
  /** About half of the numbers that go in are 0. */
  readonly sparse?: true;
  /** Examples in a batch; 6 unless told. */
  readonly batchSize?: number;
  /**
   * tfjs has no gradient for it. Its kernels then judge the product with the product's gradient, which is judged by
   * itself in test/operators.
   */
  readonly ownGradient?: true;
  /** Puts the layer on top of its input, which has the shape of an example. */
  readonly apply: (layers: Layers, x: Symbolic) => Symbolic;
  /** The largest distance to tfjs, relative to the larger of 1 and the value; 2e-5 unless told. */
  readonly tolerance?: number;
  /** For a person who reads the table. */
  readonly remark?: string;
}

type Build = (layers: Layers) => { apply(x: Symbolic): unknown };

/** A case whose layer has one input. */
export function single(
  layer: string,
  options: string,
  input: readonly number[],
  build: Build,
  more: Partial<LayerCase> = {},
): LayerCase {
  return { layer, options, input, apply: (layers, x) => build(layers).apply(x) as Symbolic, ...more };
}
