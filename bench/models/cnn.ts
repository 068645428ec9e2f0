import type { LayersModel, ModelTools } from './model-tools.js';

/** 28×28×1 images → 10 classes: 16 and 32 filters of 3×3 with pooling after each, a hidden layer of 64. */
// biome-ignore lint/style/noDefaultExport: a job's module gives its model so
export default function cnn({ tfl: { layers, sequential } }: ModelTools): LayersModel {
  const convolution = { kernelSize: 3, padding: 'same', activation: 'relu' } as const;
  return sequential({
    layers: [
      layers.conv2d({ ...convolution, filters: 16, inputShape: [28, 28, 1] }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ ...convolution, filters: 32 }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 64, activation: 'relu' }),
      layers.dense({ units: 10 }),
    ],
  });
}
