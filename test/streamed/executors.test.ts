/** An executor that reads its rows from files computes the bits of one that has all data in memory. */
import { mkdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Backend, Executor, Words } from '../../src/backends/backend.js';
import { requireMemory } from '../../src/backends/memory.js';
import { loadBackend } from '../../src/backends/registry.js';
import { windowOf } from '../../src/backends/row-windows.js';
import { prepareExecutor } from '../../src/backends/streamed-executor.js';
import { isInMemory } from '../../src/commitments/word-source.js';
import type { Bundle } from '../../src/job/bundle.js';
import { constantWords } from '../../src/program/program.js';
import { errorOf } from '../data/helpers.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';
import { compileBoth, type LargeJob } from './support/large-job.js';

const folder = temporaryFolder();

/** Rows of odd sizes, and batches that cross the end of an epoch at most steps. */
const shapes: fc.Arbitrary<LargeJob> = fc
  .record({
    dtype: fc.constantFrom('f32' as const, 'u8' as const),
    rows: fc.integer({ min: 5, max: 30 }),
    width: fc.integer({ min: 1, max: 9 }),
    batchSize: fc.integer({ min: 1, max: 5 }),
    skip: fc.nat(2),
  })
  .map((shape) => ({ ...shape, steps: 6, limit: Math.max(shape.batchSize, shape.rows - 3) }))
  .filter(({ rows, skip, batchSize }) => rows - skip >= batchSize);

function compiled(shape: LargeJob): Promise<{ inFile: Bundle; loaded: Bundle }> {
  const path = folder.path('job');
  mkdirSync(path);
  return compileBoth(path, shape);
}

async function withExecutors<Result>(
  bundles: readonly Bundle[],
  backend: Backend,
  threads: number,
  use: (executors: Executor[]) => Promise<Result>,
): Promise<Result> {
  const executors: Executor[] = [];
  try {
    for (const { program, constants, genesis } of bundles) {
      const executor = await prepareExecutor(backend, program, constants, { threads });
      executors.push(executor);
      await executor.writeState(genesis);
    }
    return await use(executors);
  } finally {
    for (const executor of executors) await executor.dispose();
  }
}

async function trained(executor: Executor): Promise<unknown> {
  const results = [...(await executor.run(0, 2)), ...(await executor.run(2, 3))].map((words) => [...words]);
  return {
    results,
    state: (await executor.readState()).map((words) => [...words]),
    hashes: await executor.hashState(),
  };
}

async function observed(executor: Executor, step: number): Promise<unknown> {
  const outputs: number[][] = [];
  const results = await executor.runObserved(step, (_, output) => outputs.push([...output]));
  return { outputs, results: [...results] };
}

describe('a program whose features are in a file', () => {
  let compiledOnce: Awaited<ReturnType<typeof compiled>>[] = [];
  beforeAll(async () => {
    compiledOnce = await Promise.all(fc.sample(shapes, { numRuns: 4, seed: 3 }).map(compiled));
  });

  test.each([
    ['reference', 1],
    ['wasm', 1],
    ['wasm', 2],
  ])('gives the same results, states and outputs on %s with %i threads', async (name, threads) => {
    const backend = await loadBackend(name);
    for (const { inFile, loaded } of compiledOnce) {
      expect(inFile.hashes).toEqual(loaded.hashes);
      expect(inFile.constants.map(isInMemory)).toContain(false);
      await withExecutors([inFile, loaded], backend, threads, async ([streamed, whole]) => {
        expect(await trained(streamed!)).toEqual(await trained(whole!));
        // Out of order, as a dispute asks.
        for (const step of [5, 0]) expect(await observed(streamed!, step)).toEqual(await observed(whole!, step));
      });
    }
  });

  test('has a window of a batch of rows, and no more memory than that', async () => {
    const { inFile } = await compiled({ dtype: 'f32', rows: 200_000, width: 9, batchSize: 4, steps: 4 });
    const { program, constants } = inFile;
    const window = { constant: 0, rows: expect.any(Number), batch: 4, count: 200_000, stride: 9, width: 9 };
    expect(windowOf(program, 0)).toEqual(window);
    const backend = await loadBackend('wasm');
    const whole = backend.estimateMemory(program, { threads: 1 });
    const dataBytes = 4 * constantWords(program.constants[0]!);
    // The numbers of the rows come from a small program of their own, which takes less than a third of these data.
    const available = whole - Math.floor((2 / 3) * dataBytes);
    expect(() => requireMemory(backend, program, { threads: 1 }, available)).toThrow();
    expect(() => requireMemory(backend, program, { threads: 1, constants }, available)).not.toThrow();
  });

  test('is refused by name where the backend cannot change a constant', async () => {
    const { inFile } = await compiled({ dtype: 'f32', rows: 8, width: 2, batchSize: 2, steps: 2 });
    const reference = await loadBackend('reference');
    const fixed: Backend = {
      ...reference,
      name: 'fixed',
      prepare: async (...given) => {
        const { writeConstant: _, ...executor } = await reference.prepare(...given);
        return executor;
      },
    };
    const refusal = await errorOf(prepareExecutor(fixed, inFile.program, inFile.constants, { threads: 1 }));
    expect(refusal).toMatchObject({ code: 'backend.constants-in-files', message: expect.stringContaining('fixed') });
  });
});

test('a constant that is read otherwise than by rows is loaded', async () => {
  const { inFile, loaded } = await compiled({ dtype: 'f32', rows: 8, width: 2, batchSize: 2, steps: 6 });
  const table = inFile.program.constants.findIndex(({ name }) => name === 'learning_rate');
  expect(windowOf(inFile.program, table)).toBeUndefined();
  const inDisguise = {
    length: 6,
    at: (at: number) => words.at(at),
    subarray: (a: number, b: number) => words.slice(a, b),
  };
  const words = loaded.constants[table] as Words;
  const constants = loaded.constants.map((each, at) => (at === table ? inDisguise : each));
  await withExecutors([{ ...loaded, constants }, loaded], await loadBackend('reference'), 1, async ([a, b]) => {
    expect(await trained(a!)).toEqual(await trained(b!));
  });
});
