import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import { compileJob } from '../../src/job/compile.js';
import { valueOf } from '../../src/numerics/float32.js';
import { rateOf } from '../measure.js';
import { type Meter, type MeterOptions, numberOption } from '../meter.js';
import { fixturePath } from '../repository.js';
import { MLP } from '../shapes.js';

/** Further steps start again at 0: the learning-rate table has an end. */
const STEPS = 65_536;

/**
 * Steps per second of the MLP on our WebAssembly backend, batches gathered from the dataset within the step.
 * Options: `threads`.
 */
export async function startTrainingMeter(options: MeterOptions): Promise<Meter> {
  const { bundle } = await compileJob(trainingJob(), wasmBackend);
  const executor = await wasmBackend.prepare(bundle.program, bundle.constants, {
    threads: numberOption(options, 'threads'),
  });
  await executor.writeState(bundle.genesis);
  let step = 0;
  const rate = rateOf(async (count) => {
    if (step + count > STEPS) step = 0;
    const [loss] = (await executor.run(step, count)).at(-1)!;
    if (!Number.isFinite(valueOf(loss!))) throw new Error('the training diverged, so its speed means nothing');
    step += count;
  });
  return { sample: (_, milliseconds) => rate(milliseconds), close: () => executor.dispose() };
}

function trainingJob(): Parameters<typeof compileJob>[0] {
  const [inputs, ...outputs] = MLP.widths;
  return {
    schema: 'gensyn.job/1',
    name: 'bench-mlp',
    seed: 1,
    model: {
      layers: outputs.map((units, at) => ({
        className: 'Dense',
        config: { units, activation: at === outputs.length - 1 ? 'linear' : 'relu' },
      })),
    },
    data: {
      train: {
        features: {
          file: fixturePath('data/fashion-train-images-idx3-ubyte.gz'),
          shape: [inputs],
          scale: 1 / 255,
        },
        labels: { file: fixturePath('data/fashion-train-labels-idx1-ubyte.gz'), classes: 10 },
      },
    },
    loss: 'softmaxCrossEntropy',
    optimizer: { name: 'adam' },
    learningRate: MLP.learningRate,
    batchSize: MLP.batchSize,
    steps: STEPS,
    checkpointEvery: 256,
  };
}
