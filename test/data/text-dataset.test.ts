import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { referenceBackend } from '../../src/backends/reference/reference-backend.js';
import { inMemory } from '../../src/commitments/word-source.js';
import { loadDataset } from '../../src/data/dataset.js';
import type { Dataset } from '../../src/data/dataset-form.js';
import type { TextDatasetDeclaration } from '../../src/data/text-dataset.js';
import { decodeTokens } from '../../src/data/vocabulary.js';
import { sequentialRows } from '../../src/frontend/lowering/batch.js';
import { lowerRecording } from '../../src/frontend/lowering/lower-recording.js';
import type { Recording } from '../../src/frontend/recording.js';
import { datasetBindings } from '../../src/job/dataset-bindings.js';
import { errorOf, temporaryFolder, writeInto } from './helpers.js';

const folder = temporaryFolder();
const load = (declaration: TextDatasetDeclaration, vocabulary?: string) =>
  loadDataset(declaration, { baseDirectory: folder, ...(vocabulary !== undefined && { vocabulary }) });

/** The tokens of a data set, unpacked. */
function tokensOf({ features, text }: Dataset): number[] {
  const bytes = new Uint8Array(inMemory(features.words).buffer);
  return features.dtype === 'u8' ? Array.from(bytes.subarray(0, text!.tokens)) : Array.from(inMemory(features.words));
}

/** What the program of a step gets as x and y, from the rows 0 … batch − 1. */
async function batchOf(dataset: Dataset, length: number, batch: number): Promise<number[][]> {
  const value = (id: number, name: string) =>
    ({ id, name, shape: [batch, length], dtype: 'int32', role: 'x' }) as const;
  const recording: Recording = {
    state: [value(0, 'seen'), value(1, 'next')],
    batch: [value(2, 'x'), value(3, 'y')],
    constants: [],
    calls: [],
    next: [2, 3],
    results: {},
  };
  const bind = datasetBindings(recording, dataset, () => sequentialRows({ count: dataset.count, batch }));
  const { program, constants } = lowerRecording({ recording, bind, seed: 1 });
  const executor = await referenceBackend.prepare(program, constants, { threads: 1 });
  await executor.writeState(program.state.map(() => new Uint32Array(batch * length)));
  await executor.run(0, 1);
  return (await executor.readState()).map((words) => Array.from(words));
}

const windows = fc.record({
  text: fc.string({ unit: fc.constantFrom(...'abcdé'), minLength: 12, maxLength: 60 }).map((text) => `ab${text}`),
  length: fc.integer({ min: 1, max: 5 }),
  stride: fc.integer({ min: 1, max: 4 }),
  skip: fc.nat(2),
  limit: fc.integer({ min: 1, max: 6 }),
});

describe('windows of a text', () => {
  test('each is a slice of the text, and its labels are the slice one token later', async () => {
    await fc.assert(
      fc.asyncProperty(windows, async ({ text, length, stride, skip, limit }) => {
        writeInto(folder, { 'text.txt': text });
        const dataset = await load({ text: { file: 'text.txt', length, stride }, skip, limit });
        const available = Math.floor((text.length - length - 1) / stride) + 1;
        expect(dataset.count).toBe(Math.min(limit, available - skip));
        const [x, y] = await batchOf(dataset, length, dataset.count);
        const characters = Array.from(text);
        for (let row = 0; row < dataset.count; row++) {
          const at = (skip + row) * stride;
          const read = (values: number[]) =>
            decodeTokens(values.slice(row * length, (row + 1) * length), dataset.text!.vocabulary!);
          expect(read(x!)).toBe(characters.slice(at, at + length).join(''));
          expect(read(y!)).toBe(characters.slice(at + 1, at + length + 1).join(''));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('keep the text once, and no more of it than they need', async () => {
    writeInto(folder, { 'once.txt': 'abcdefghij' });
    const dataset = await load({ text: { file: 'once.txt', length: 3, stride: 2 }, skip: 1, limit: 2 });
    expect(dataset.features.words).toBe(dataset.labels.words);
    expect(tokensOf(dataset)).toEqual([2, 3, 4, 5, 6, 7]);
    expect(dataset).toMatchObject({
      count: 2,
      features: { dtype: 'u8', exampleShape: [3] },
      labels: { kind: 'class', classes: 10, shape: [3] },
      text: { unit: 'character', stride: 2, tokens: 6, vocabulary: 'abcdefghij' },
    });
  });

  test('come from gzip and from bytes as well', async () => {
    writeInto(folder, { 'zipped.txt.gz': gzipSync('hello world') });
    const dataset = await load({ text: { file: 'zipped.txt.gz', unit: 'byte', length: 4 } });
    expect(Buffer.from(tokensOf(dataset)).toString()).toBe('hello world');
    expect(dataset.labels).toMatchObject({ classes: 256 });
  });

  test('of a text that is too short are refused with both lengths', async () => {
    writeInto(folder, { 'short.txt': 'abcd' });
    expect((await load({ text: { file: 'short.txt', length: 3 } })).count).toBe(1);
    expect(await errorOf(load({ text: { file: 'short.txt', length: 4 } }))).toMatchObject({
      code: 'data.text-short',
      message: expect.stringMatching(/has 4 tokens.*length 4.*need at least 5/),
    });
    expect(await errorOf(load({ text: { file: 'short.txt', length: 2, stride: 3 }, skip: 1 }))).toMatchObject({
      code: 'data.text-short',
      message: expect.stringMatching(/start at token 3 need at least 6/),
    });
  });

  test('of test data use the vocabulary of the training data', async () => {
    writeInto(folder, { 'held.txt': 'cabba', 'foreign.txt': 'cabbz' });
    const held = await load({ text: { file: 'held.txt', length: 2 } }, 'abcd');
    expect([tokensOf(held), held.labels]).toEqual([[2, 0, 1, 1, 0], expect.objectContaining({ classes: 4 })]);
    expect(await errorOf(load({ text: { file: 'foreign.txt', length: 2 } }, 'abcd'))).toMatchObject({
      code: 'data.text-character',
      message: expect.stringContaining(`Character 4 of ${join(folder, 'foreign.txt')} is "z"`),
    });
  });

  test('that are asked for where there is no such file or a damaged one are refused', async () => {
    writeInto(folder, { 'damaged.gz': gzipSync('hello world').subarray(0, 15), 'binary.txt': Uint8Array.of(65, 0xc0) });
    const refusals = ['none.txt', 'damaged.gz', 'binary.txt'].map((file) =>
      errorOf(load({ text: { file, length: 2 } })),
    );
    expect((await Promise.all(refusals)).map((found) => found?.code)).toEqual([
      'data.file-missing',
      'data.gzip',
      'data.text-encoding',
    ]);
  });
});
