import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import type { Executor, Words } from '../../src/backends/backend.js';
import { referenceBackend } from '../../src/backends/reference/reference-backend.js';
import { wasmBackend } from '../../src/backends/wasm/wasm-backend.js';
import type { Program } from '../../src/program/program.js';
import { adversarialWords, identity, Random } from './operator-programs.js';
import { ordinary, STATE_WORDS, state, temporary, trainingProgram, WORDS } from './training-program.js';

/** The same orders to the reference interpreter and to the machine under test. */
async function both(threads: number, act: (executor: Executor) => Promise<unknown>): Promise<void> {
  const outcomes: unknown[] = [];
  for (const backend of [referenceBackend, wasmBackend]) {
    const random = new Random(9);
    const executor = await backend.prepare(trainingProgram(), [ordinary(random, WORDS)], { threads });
    try {
      outcomes.push(await act(executor));
    } finally {
      await executor.dispose();
    }
  }
  expect(outcomes[1]).toEqual(outcomes[0]);
}

describe('the WebAssembly executor', () => {
  test.each([1, 2, 3])('many steps, results, states and hashes equal the reference (%i threads)', async (threads) => {
    await both(threads, async (executor) => {
      const random = new Random(10);
      await executor.writeState(STATE_WORDS.map((words) => ordinary(random, words)));
      const first = await executor.run(0, 3);
      const middle = await executor.readState();
      const hashes = await executor.hashState();
      const more = await executor.run(3, 600);
      return [first, middle, hashes, more, await executor.readState(), await executor.hashState()];
    });
  });

  test('a state with foreign NaNs is treated as by the definition', async () => {
    await both(2, async (executor) => {
      const random = new Random(11);
      await executor.writeState(STATE_WORDS.map((words) => adversarialWords(random, words)));
      const before = await executor.readState();
      return [
        before,
        await executor.run(0, 1),
        await executor.readState(),
        await executor.run(1, 5),
        await executor.readState(),
      ];
    });
  });

  test('observed steps show every output, and what a visitor changes is read afterwards', async () => {
    for (const changed of [0, 1, 2, 4, 5, 6, 8]) {
      await both(2, async (executor) => {
        const random = new Random(12);
        await executor.writeState(STATE_WORDS.map((words) => ordinary(random, words)));
        await executor.run(0, 1);
        const seen: Words[] = [];
        const results = await executor.runObserved(1, (operator, output) => {
          seen.push(output.slice());
          if (operator === changed) output[0]! ^= 0x7f800001;
        });
        const after = await executor.readState();
        return [seen, results, after, await executor.run(2, 4), await executor.readState()];
      });
    }
  });

  test('hashes tensors of many chunks', async () => {
    const words = 300_000;
    const large: Program = {
      ...trainingProgram(),
      operators: [
        { operator: identity(words), slots: [state(0)], label: 'unused' },
        { operator: identity(words), slots: [state(0)], label: 'kept' },
      ],
      state: [{ name: 's', dtype: 'f32', shape: [words] }],
      constants: [],
      results: {},
    };
    const random = new Random(13);
    const content = Uint32Array.from({ length: words }, () => random.word());
    const hashes: Uint8Array[][] = [];
    for (const [backend, threads] of [
      [referenceBackend, 1] as const,
      [wasmBackend, 1] as const,
      [wasmBackend, 3] as const,
    ]) {
      const executor = await backend.prepare(large, [], { threads });
      await executor.writeState([content]);
      hashes.push(await executor.hashState());
      await executor.dispose();
    }
    expect(hashes[1]).toEqual(hashes[0]);
    expect(hashes[2]).toEqual(hashes[0]);
  });

  test('says before allocating that a program is too large', async () => {
    const huge = 2 ** 29;
    const large: Program = {
      ...trainingProgram(),
      operators: [
        { operator: identity(huge), slots: [state(0)], label: 'one' },
        { operator: identity(huge), slots: [temporary(0)], label: 'two' },
      ],
      state: [{ name: 's', dtype: 'f32', shape: [huge] }],
      constants: [],
      results: {},
    };
    expect(wasmBackend.estimateMemory(large, { threads: 1 })).toBeGreaterThan(2 ** 32);
    await expect(wasmBackend.prepare(large, [], { threads: 1 })).rejects.toMatchObject({ code: 'backend.memory' });
  });

  test('refuses to work after it was disposed of', async () => {
    const executor = await wasmBackend.prepare(trainingProgram(), [new Uint32Array(WORDS)], { threads: 2 });
    const running = expect(executor.run(0, 100_000)).rejects.toMatchObject({ code: 'backend.disposed' });
    await executor.dispose();
    await running;
    await expect(executor.run(0, 1)).rejects.toMatchObject({ code: 'backend.disposed' });
  });
});

describe('a process that used the WebAssembly backend', () => {
  test('goes on after dispose, and ends by itself even without it', async () => {
    const moduleUrl = new URL('../../src/backends/wasm/wasm-backend.js', import.meta.url).href;
    const script = `
      const { wasmBackend } = await import(${JSON.stringify(moduleUrl)});
      const program = ${JSON.stringify(trainingProgram())};
      for (let turn = 0; turn < 3; turn++) {
        const executor = await wasmBackend.prepare(program, [new Uint32Array(${WORDS})], { threads: 3 });
        await executor.run(0, 5);
        if (turn < 2) await executor.dispose();
      }
      console.log('end');`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
      timeout: 20_000,
    });
    expect(stdout).toBe('end\n');
  });

  test('goes on with new threads where some have died, at work or idle', async () => {
    const moduleUrl = new URL('../../src/backends/wasm/wasm-backend.js', import.meta.url).href;
    const script = `
      const { wasmBackend } = await import(${JSON.stringify(moduleUrl)});
      const program = ${JSON.stringify(trainingProgram())};
      const workers = [];
      process.on('worker', (worker) => workers.push(worker));
      const prepare = () => wasmBackend.prepare(program, [new Uint32Array(${WORDS})], { threads: 2 });
      const broken = await prepare();
      await broken.run(0, 1);
      await workers[0].terminate();
      await broken.run(0, 1).catch(({ code }) => console.log(code));
      await broken.dispose();
      const second = await prepare();
      await second.run(0, 1);
      await second.dispose();
      await Promise.all(workers.map((worker) => worker.terminate()));
      const third = await prepare();
      await third.run(0, 1);
      await third.dispose();
      await third.dispose();
      console.log(workers.length);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
      timeout: 20_000,
    });
    expect(stdout).toBe('backend.worker\n6\n');
  });

  test('uses the threads of executors that were disposed of again, and no memory of theirs', async () => {
    const moduleUrl = new URL('../../src/backends/wasm/wasm-backend.js', import.meta.url).href;
    const words = 2 ** 22;
    const large = { ...trainingProgram(), constants: [{ name: 'input', dtype: 'f32', shape: [words] }] };
    const script = `
      const { wasmBackend } = await import(${JSON.stringify(moduleUrl)});
      const large = ${JSON.stringify(large)};
      const constant = new Uint32Array(${words}).fill(1);
      let started = 0;
      process.on('worker', () => started++);
      for (let turn = 0; turn < 60; turn++) {
        const executor = await wasmBackend.prepare(large, [constant], { threads: 2 });
        await executor.run(0, 2);
        await executor.dispose();
        globalThis.gc();
      }
      console.log(started, Math.round(process.memoryUsage().rss / 2 ** 20));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--expose-gc', '--input-type=module', '--eval', script],
      {
        timeout: 20_000,
      },
    );
    const [started, mebibytes] = stdout.split(' ').map(Number);
    expect(started).toBeLessThan(60);
    expect(mebibytes).toBeLessThan(700);
  });
});
