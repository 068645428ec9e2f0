import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Recording } from '../../src/frontend/recording.js';
import { recordInWorker } from '../../src/frontend/tfjs/record.js';
import type { RecordingSpec } from '../../src/frontend/tfjs/specification.js';
import { replay } from './support/replay.js';
import { moduleSpec } from './support/samples.js';
import { testNumbers, useCpu } from './support/tfjs-cpu.js';

function modelOf(body: string, more: Partial<RecordingSpec>): RecordingSpec {
  const values = { kind: 'values', shape: [2] } as const;
  return moduleSpec(`export default ({ tf, tfl, layers: L }) => { ${body} };`, {
    batchSize: 2,
    evaluationBatchSize: 0,
    loss: 'meanSquaredError',
    metrics: [],
    labels: values,
    ...more,
  });
}

const MODELS: Readonly<Record<string, RecordingSpec>> = {
  images: modelOf(
    `return tfl.sequential({ layers: [
      L.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [12, 12, 2] }),
      L.maxPooling2d({ poolSize: 2 }), L.batchNormalization(), L.depthwiseConv2d({ kernelSize: 3, padding: 'same', depthMultiplier: 2 }),
      L.leakyReLU({ alpha: 0.1 }), L.separableConv2d({ filters: 4, kernelSize: 3 }), L.averagePooling2d({ poolSize: 2, strides: 1, padding: 'same' }),
      L.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' }), L.zeroPadding2d(), L.cropping2D({ cropping: [[1, 0], [0, 1]] }),
      L.upSampling2d({ size: [2, 2] }), L.conv2d({ filters: 4, kernelSize: 3, strides: 2, useBias: false }),
      L.globalAveragePooling2d({ dataFormat: 'channelsLast' }), L.dense({ units: 2 })] });`,
    { inputShape: [12, 12, 2], optimizer: { name: 'adam' } },
  ),
  volumes: modelOf(
    `return tfl.sequential({ layers: [
      L.conv3d({ filters: 3, kernelSize: 2, inputShape: [5, 5, 5, 1], activation: 'relu' }), L.maxPooling3d({ poolSize: 2, strides: 1 }),
      L.averagePooling3d({ poolSize: 2, strides: 1 }), L.flatten(), L.dense({ units: 2 })] });`,
    { inputShape: [5, 5, 5, 1] },
  ),
  attention: modelOf(
    `const x = tfl.input({ shape: [8], dtype: 'int32' });
    let h = L.embedding({ inputDim: 11, outputDim: 6 }).apply(x);
    const n = L.layerNormalization().apply(h), d = () => L.dense({ units: 6 }).apply(n);
    const a = L.softmax({ axis: -1 }).apply(L.dot({ axes: 2 }).apply([d(), d()]));
    h = L.add().apply([h, L.dropout({ rate: 0.1 }).apply(L.dot({ axes: [2, 1] }).apply([a, d()]))]);
    return tfl.model({ inputs: x, outputs: L.dense({ units: 11 }).apply(L.layerNormalization().apply(h)) });`,
    { inputShape: [8], labels: { kind: 'class', classes: 11, shape: [8] }, loss: 'softmaxCrossEntropy' },
  ),
  recurrence: modelOf(
    `return tfl.sequential({ layers: [
      L.bidirectional({ layer: L.lstm({ units: 4, dropout: 0.2, recurrentDropout: 0.1, returnSequences: true }), mergeMode: 'concat', inputShape: [4, 3] }),
      L.gru({ units: 4, returnSequences: true }), L.simpleRNN({ units: 4 }), L.dense({ units: 2 })] });`,
    { inputShape: [4, 3], optimizer: { name: 'rmsprop' } },
  ),
  sequences: modelOf(
    `return tfl.sequential({ layers: [
      L.gaussianNoise({ stddev: 0.1, inputShape: [6, 5] }), L.spatialDropout1d({ rate: 0.3 }), L.conv1d({ filters: 4, kernelSize: 3, padding: 'same' }),
      L.maxPooling1d({ poolSize: 2 }), L.permute({ dims: [2, 1] }), L.timeDistributed({ layer: L.dense({ units: 2 }) }), L.thresholdedReLU({ theta: 0.2 }),
      L.alphaDropout({ rate: 0.2 }), L.gaussianDropout({ rate: 0.2 }), L.globalMaxPooling1d(), L.repeatVector({ n: 3 }), L.flatten(), L.prelu(), L.dense({ units: 2 })] });`,
    { inputShape: [6, 5] },
  ),
  einsum: modelOf(
    `class Join extends tfl.layers.Layer {
      static get className() { return 'Join'; }
      computeOutputShape(shape) { return [shape[0], shape[1], shape[1]]; }
      call(x) { const y = Array.isArray(x) ? x[0] : x; return tf.einsum('bti,bsi->bts', y, y); }
    }
    return tfl.sequential({ layers: [L.dense({ units: 3, inputShape: [5, 4] }), new Join({}), L.flatten(), L.dense({ units: 2 })] });`,
    { inputShape: [5, 4] },
  ),
};

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Small numbers for everything that is read; whole ones from 0 to 1 where int32 is asked for. */
function numbersFor({ batch, state }: Recording) {
  const numbers = (shape: readonly number[], dtype: string, seed: number) =>
    testNumbers(elements(shape), seed).map((n) => (dtype === 'int32' ? Math.round(Math.abs(n)) : Math.abs(n) + 0.01));
  return {
    state: state.map(({ shape, dtype }, index) => numbers(shape, dtype, index)),
    batch: Object.fromEntries(batch.map(({ name, shape, dtype }, index) => [name, numbers(shape, dtype, 50 + index)])),
  };
}

beforeAll(useCpu);

describe('recorded shapes and types are those of the kernels of tfjs-backend-cpu', () => {
  test.each(Object.keys(MODELS))('%s', async (name) => {
    const { training } = await recordInWorker(MODELS[name] as RecordingSpec);
    const { state, batch } = numbersFor(training);
    const replayed = replay(training, state, batch);
    expect(replayed.state.map((values) => values.length)).toEqual(training.state.map(({ shape }) => elements(shape)));
    expect(replayed.state).not.toEqual(state);
  });
});
