import { prepareExecutor } from '../../src/backends/streamed-executor.js';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import { compileJob } from '../../src/job/compile.js';
import { valueOf } from '../../src/numerics/float32.js';
import { rateOf } from '../measure.js';
import { type Meter, type MeterOptions, numberOption, textOption } from '../meter.js';
import { STEPS, trainingJob, trainingModel } from '../models/training-models.js';

/**
 * Steps per second of a model on our WebAssembly backend, batches gathered from the dataset within the step.
 * Options: `model` (one of `TRAINING_MODELS`), `threads`.
 */
export async function startTrainingMeter(options: MeterOptions): Promise<Meter> {
  const { bundle } = await compileJob(trainingJob(trainingModel(textOption(options, 'model'))), wasmBackend);
  const executor = await prepareExecutor(wasmBackend, bundle.program, bundle.constants, {
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
