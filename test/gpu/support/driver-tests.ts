/**
 * What must hold on every driver. Where `scripts/gpu/setup.mjs` has not brought it, the tests are skipped and counted.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fixturePath } from '../../job/fixture-path.js';
import { DRIVERS, type Driver, runCheck, runGensyn, runNode, TEST_MILLISECONDS } from './drivers.js';

const JOBS = ['iris', 'fashion-mlp', 'fashion-cnn', 'char-lstm', 'char-transformer'];

/** A driver that may be missing. */
interface Subject {
  readonly driver: Driver;
  readonly on: typeof test | typeof test.skip;
  readonly title: string;
}

/** Defines the tests of one driver. `modes` are those that are exact on it, the one that the probe takes first. */
export function testDriver(name: string, modes: readonly string[]): void {
  const found = DRIVERS.find((driver) => driver.name === name);
  const subject: Subject = {
    driver: found ?? { name, environment: {} },
    on: found === undefined ? test.skip : test,
    title: found === undefined ? `on ${name}: not set up (npm run test:gpu)` : `on ${name}`,
  };
  testOperators(subject, modes);
  testTraining(subject);
  testCommandLine(subject);
}

function testOperators({ driver, on, title }: Subject, modes: readonly string[]): void {
  const check = (script: string, ...args: string[]): Promise<unknown> => runCheck(driver, script, ...args);
  describe(`operators ${title}`, () => {
    on.each(modes.map((mode, at) => [mode, at === 0 ? '24' : '6']))(
      'every instruction and random operators equal the definition (%s)',
      async (mode, count) => {
        expect(await check('operators', mode!, count!)).toEqual([]);
      },
      TEST_MILLISECONDS,
    );

    on(
      'matrix products and convolutions of all tile sizes equal the definition',
      async () => {
        expect(await check('contractions')).toEqual([]);
      },
      TEST_MILLISECONDS,
    );

    on(
      'tensors that cross the borders of buffers equal the definition',
      async () => {
        expect(await check('spanning')).toEqual([]);
      },
      TEST_MILLISECONDS,
    );
  });
}

function testTraining({ driver, on, title }: Subject): void {
  const { name } = driver;
  const check = (script: string, ...args: string[]): Promise<unknown> => runCheck(driver, script, ...args);
  describe(`training ${title}`, () => {
    on(
      'an executor answers as the definition does',
      async () => {
        const outcomes = (await check('executor')) as Record<string, { gpu: unknown; definition: unknown }>;
        expect(Object.keys(outcomes)).toHaveLength(3);
        for (const { gpu, definition } of Object.values(outcomes)) expect(gpu).toEqual(definition);
      },
      TEST_MILLISECONDS,
    );

    on(
      'BLAKE3 equals the definition at the edges of blocks, chunks and trees',
      async () => {
        expect(await check('hashing')).toEqual({ compared: 49, differing: [] });
      },
      TEST_MILLISECONDS,
    );

    on(
      'a lost device is said, and a new executor goes on to the same state',
      async () => {
        expect(await check('loss')).toEqual({ whileRunning: 'webgpu.lost', afterwards: 'webgpu.lost', resumed: true });
      },
      TEST_MILLISECONDS,
    );

    on(
      'the long probe finds the fastest mode with the right bits',
      async () => {
        const { device, reason } = (await check('examine')) as { device: string; reason: string };
        expect(device).toMatch(name === 'lavapipe' ? /llvmpipe.*native/ : /SwiftShader.*guarded/);
        expect(reason).toBe('');
      },
      TEST_MILLISECONDS,
    );

    on.each(JOBS)(
      '%s gives the trace root that WebAssembly gives',
      async (job) => {
        const roots = (await check('jobs', job)) as Record<string, [string, string]>;
        const [gpu, wasm] = roots[job]!;
        expect(gpu).toMatch(/^0x[0-9a-f]{64}$/);
        expect(gpu).toBe(wasm);
      },
      TEST_MILLISECONDS,
    );
  });
}

function testCommandLine({ driver, on, title }: Subject): void {
  const { name } = driver;
  describe(`the command line ${title}`, () => {
    const job = fixturePath('jobs/iris.json');
    let folder = '';
    const path = (run: string): string => join(folder, run);
    const gensyn = (...args: string[]) => runGensyn(driver, args);

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'gensyn-gpu-'));
    });
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    on(
      'runs of either backend are verified on the other',
      async () => {
        const steps = ['--steps', '32'];
        const wasm = await gensyn('train', job, '--out', path('wasm'), ...steps);
        const gpu = await gensyn('train', job, '--out', path('gpu'), ...steps, '--backend', 'webgpu');
        expect(gpu.error).toBeNull();
        expect(gpu.result?.['traceRoot']).toBe(wasm.result?.['traceRoot']);
        for (const args of [
          ['verify', path('wasm'), '--backend', 'webgpu'],
          ['verify', path('gpu')],
        ]) {
          expect((await gensyn(...args)).result?.['verdict']).toBe('verified');
        }
      },
      TEST_MILLISECONDS,
    );

    on(
      'an adapter that is not there is refused, and those that are there are named',
      async () => {
        const environment = { ...driver.environment, GENSYN_WEBGPU_ADAPTER: 'Voodoo 2' };
        const { error } = await runGensyn({ name, environment }, [
          'train',
          job,
          '--out',
          path('x'),
          '--backend',
          'webgpu',
        ]);
        expect(error?.code).toBe('webgpu.unknown-adapter');
        expect(error?.message.toLowerCase()).toContain(name === 'lavapipe' ? 'llvmpipe' : 'swiftshader');
      },
      TEST_MILLISECONDS,
    );

    on(
      'a process ends by itself after it used the GPU',
      async () => {
        const backend = new URL('../../../src/backends/webgpu/webgpu-backend.js', import.meta.url).href;
        const sample = new URL('../../wasm/training-program.js', import.meta.url).href;
        const script = `
        const { webgpuBackend } = await import(${JSON.stringify(backend)});
        const { trainingProgram, WORDS } = await import(${JSON.stringify(sample)});
        for (let turn = 0; turn < 3; turn++) {
          const executor = await webgpuBackend.prepare(trainingProgram(), [new Uint32Array(WORDS)], { threads: 1 });
          await executor.run(0, 5);
          if (turn < 2) await executor.dispose();
          globalThis.gc();
        }
        console.log('end');`;
        const args = ['--expose-gc', '--input-type=module', '--eval', script];
        expect((await runNode(args, driver.environment)).stdout).toBe('end\n');
      },
      TEST_MILLISECONDS,
    );
  });
}
