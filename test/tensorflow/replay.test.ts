import { expect, test } from '@jest/globals';
import { loadBackend } from '../../src/backends/registry.js';
import { prepareExecutor } from '../../src/backends/streamed-executor.js';
import { compileJobFile } from '../../src/job/compile.js';
import { createTensorflowBackend } from '../../src/peers/tensorflow/tensorflow-backend.js';
import type { Tfjs, TfjsModules } from '../../src/peers/tensorflow/tfjs-package.js';
import { writeJob } from '../e2e/support/jobs.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';
import { onlyPackage } from './support/modules.js';

const folder = temporaryFolder();
const CPU = '@tensorflow/tfjs-backend-cpu';

async function open(modules: TfjsModules) {
  const canonical = await loadBackend('wasm');
  const { bundle, step } = await compileJobFile(writeJob(folder.path('job.json')), {}, canonical);
  const { backend, tfjs } = await createTensorflowBackend(step, canonical, modules);
  const executor = await prepareExecutor(backend, bundle.program, bundle.constants, { threads: 1 });
  await executor.writeState(bundle.genesis);
  return { bundle, backend, tfjs, executor };
}

/** The package with another answer of one kernel. */
function withKernel(kernel: RegExp, answer: (tf: Tfjs) => unknown): TfjsModules {
  const modules = onlyPackage(CPU);
  return {
    ...modules,
    load: (folder, specifier) => {
      const loaded = modules.load(folder, specifier) as Tfjs;
      if (specifier !== '@tensorflow/tfjs-core') return loaded;
      const real = loaded.engine();
      const runKernel = (name: string, ...rest: [never, never]): unknown =>
        kernel.test(name) ? answer(loaded) : real.runKernel(name, ...rest);
      return { ...loaded, engine: () => ({ runKernel }) };
    },
  };
}

test('a step leaves no tensor behind, and the end leaves none at all', async () => {
  const { executor, tfjs } = await open(onlyPackage(CPU));
  const alive = () => tfjs.tf.memory().numTensors;
  const before = alive();
  await executor.run(0, 3);
  expect(alive()).toBe(before);
  await executor.dispose();
  expect(alive()).toBe(0);
});

test('what is written is what is read, and the hashes are those of the words', async () => {
  const { executor, bundle } = await open(onlyPackage(CPU));
  expect(await executor.readState()).toEqual(bundle.genesis);
  expect(await executor.hashState()).toEqual(bundle.hashes.genesis);
  const into = bundle.genesis.map((words) => new Uint32Array(words.length));
  expect(await executor.readState(into)).toEqual(into);
  expect(into).toEqual(bundle.genesis);
  await executor.dispose();
});

function throwing(): never {
  throw new Error('no such thing');
}

test.each([
  ['throws', throwing, 'no such thing'],
  ['gives another shape', (tf: Tfjs): unknown => tf.tensor([1]), 'it gave float32 [1]'],
])('a kernel that %s is named with its layer and what it should give', async (_, answer, reason) => {
  const { executor } = await open(withKernel(/MatMul/, answer));
  await expect(executor.run(0, 1)).rejects.toMatchObject({
    code: 'tensorflow.kernel-failed',
    message: expect.stringMatching(
      /MatMul of @tensorflow\/tfjs-backend-cpu in layer \w+ should give float32 \[[\d, ]+\]/,
    ),
    data: expect.objectContaining({ reason }),
  });
  await executor.dispose();
});

test('another program than the job’s training step is not run', async () => {
  const { backend, bundle } = await open(onlyPackage(CPU));
  const { program, constants } = bundle.evaluation!;
  await expect(backend.prepare(program, constants, { threads: 1 })).rejects.toThrow(/another program/);
});

test('the memory that is asked for covers state, batch and the values of a step', async () => {
  const { backend, bundle } = await open(onlyPackage(CPU));
  const state = bundle.genesis.reduce((bytes, { length }) => bytes + 4 * length, 0);
  expect(backend.estimateMemory(bundle.program, { threads: 1 })).toBeGreaterThan(state);
});
