/** What a model's module gets, from our front-end as well as from the benchmark of tfjs. */
export interface ModelTools {
  readonly tf: typeof import('@tensorflow/tfjs-core');
  readonly tfl: typeof import('@tensorflow/tfjs-layers');
}

export type LayersModel = import('@tensorflow/tfjs-layers').LayersModel;
export type Tensor = import('@tensorflow/tfjs-core').Tensor;
