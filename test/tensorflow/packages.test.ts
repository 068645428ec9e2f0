import process from 'node:process';
import { describe, expect, test } from '@jest/globals';
import { examineTensorflow } from '../../src/peers/tensorflow/examine.js';
import {
  installedModules,
  openTfjs,
  SWITCHES,
  TFJS_PACKAGES,
  TFJS_VERSION,
} from '../../src/peers/tensorflow/tfjs-package.js';
import { fakeModules, onlyPackage } from './support/modules.js';

const NEEDED = new Set(['Add', 'Conv2DBackpropFilter']);
const NAMES = TFJS_PACKAGES.map(({ name }) => name);

describe('which package of TensorFlow.js computes', () => {
  test.each(NAMES.map((name, at) => [name, NAMES.slice(at)] as const))(
    '%s, before those behind it',
    async (name, installed) => {
      const modules = fakeModules(installed.map((each) => ({ name: each })));
      const opened = await openTfjs(NEEDED, modules);
      expect(opened).toMatchObject({ package: name, passedOver: [] });
      expect(modules.loaded).toEqual([name]);
    },
  );

  test('not one that does not load, adds wrongly, is of another version or lacks a kernel', async () => {
    const [gpu, node, wasm, cpu] = NAMES as [string, string, string, string];
    const modules = fakeModules([
      { name: gpu, failure: 'libcudart.so.11.0: cannot open shared object file\nmore' },
      { name: node, version: '3.21.0' },
      { name: wasm, lacks: ['Conv2DBackpropFilter'] },
      { name: cpu },
    ]);
    const opened = await openTfjs(NEEDED, modules);
    expect(opened.package).toBe(cpu);
    expect(opened.passedOver).toEqual([
      `${gpu}: libcudart.so.11.0: cannot open shared object file`,
      `${node}: it is version 3.21.0, and ${TFJS_VERSION} is needed`,
      `${wasm} has no kernel Conv2DBackpropFilter`,
    ]);
    const wrong = fakeModules([{ name: gpu, adds: [3.5, 0] }]);
    await expect(openTfjs(NEEDED, wrong)).rejects.toMatchObject({ code: 'tensorflow.no-usable-package' });
    expect(wrong.forgotten).toEqual([`Add of ${gpu}`]);
  });

  test('is asked for determinism before it is loaded', async () => {
    for (const name of Object.keys(SWITCHES)) delete process.env[name];
    const modules = fakeModules([{ name: NAMES[0]! }]);
    await openTfjs(NEEDED, modules);
    expect(modules.environmentAtLoad).toMatchObject({ TF_DETERMINISTIC_OPS: '1', TF_CUDNN_DETERMINISTIC: '1' });
  });

  test('none: the message says how to install one and what it is good for', async () => {
    const refusal = openTfjs(NEEDED, fakeModules([]));
    await expect(refusal).rejects.toMatchObject({
      code: 'tensorflow.package-missing',
      hint: expect.stringMatching(/npm install @tensorflow\/tfjs-node-gpu@4\.22\.0.*never be claimed/),
    });
  });

  test('none that can: the message has the reason of each', async () => {
    const refusal = openTfjs(NEEDED, fakeModules([{ name: NAMES[3]!, lacks: ['Add'] }]));
    await expect(refusal).rejects.toMatchObject({
      code: 'tensorflow.no-usable-package',
      message: expect.stringContaining('tfjs-backend-cpu has no kernel Add'),
    });
  });
});

describe('what doctor says', () => {
  test('without a package: not available, and how to get one', async () => {
    const status = await examineTensorflow(fakeModules([]));
    expect(status).toMatchObject({ name: 'tensorflow', available: false, canonical: false });
    expect(status.reason).toContain('none was found');
  });

  test('with one: available, and not canonical for a reason', async () => {
    const status = await examineTensorflow(onlyPackage('@tensorflow/tfjs-backend-cpu'));
    expect(status).toMatchObject({ available: true, canonical: false, device: '@tensorflow/tfjs-backend-cpu (cpu)' });
    expect(status.reason).not.toBe('');
  });
});

test('a package leaves nothing on the process that would catch its errors', async () => {
  const listeners = () => process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection');
  const before = listeners();
  const modules = installedModules();
  await openTfjs(new Set(), {
    ...modules,
    load: (...where) => {
      process.on('uncaughtException', () => {});
      return modules.load(...where);
    },
  });
  expect(listeners()).toBe(before);
});
