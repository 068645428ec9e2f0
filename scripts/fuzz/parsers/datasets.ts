/** Data sets as a job declares them: files of every format, plain or gzip, with labels beside them. */
import { gzipSync } from 'node:zlib';
import { type DatasetDeclaration, loadDataset } from '../../../src/data/dataset.js';
import { writeSafetensors } from '../../../src/data/safetensors.js';
import { float32Bytes, idx, npy } from '../../../test/data/helpers.js';
import { type Parser, parserTarget } from '../parser-target.js';
import { scratchFolder } from '../scratch.js';
import type { Target } from '../target.js';

const MAX_BYTES = 1 << 20;
/** Sixteen times what is read, in a few kilobytes. */
const BOMB_BYTES = 16 * MAX_BYTES;

const matrix = float32Bytes([1, -2, 3.5, 4e-40, 0, 6]);
const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);
const gzip = (bytes: Uint8Array | string): Uint8Array => new Uint8Array(gzipSync(bytes));

const CSV = 'a,b,y\n1,2,cat\n"3",-4e5,dog\n0,0,cat\n';
const ARRAYS = [
  npy('<f4', [2, 3], matrix),
  idx(0x0d, [2, 3], matrix),
  writeSafetensors([{ name: 'x', dtype: 'F32', shape: [2, 3], data: plain(matrix) }]),
];
const TEXT = 'To be, or not to be: that is the question.\n';

export const DATASET_TARGETS: readonly Target[] = [
  parserTarget('dataset-csv', () =>
    dataset(
      'data.csv',
      { features: { file: 'data.csv', columns: ['a', 'b'] }, labels: { column: 'y', classes: ['cat', 'dog'] } },
      [plain(Buffer.from(CSV)), gzip(CSV)],
    ),
  ),
  parserTarget('dataset-array', () =>
    dataset('data', { features: { file: 'data', scale: 0.5 }, labels: { file: 'labels.npy', classes: 3 } }, [
      ...ARRAYS.map(plain),
      ...ARRAYS.map(gzip),
    ]),
  ),
  parserTarget('dataset-text', () =>
    dataset('data.txt', { text: { file: 'data.txt', length: 4 } }, [plain(Buffer.from(TEXT)), gzip(TEXT)]),
  ),
];

async function dataset(
  name: string,
  declaration: DatasetDeclaration,
  samples: readonly Uint8Array[],
): Promise<Parser<unknown>> {
  const scratch = await scratchFolder();
  await scratch.write('labels.npy', npy('|u1', [2], Uint8Array.of(0, 2)));
  return {
    form: 'bytes',
    samples,
    hostile: [gzip(new Uint8Array(BOMB_BYTES)), gzip(npy('|u1', [BOMB_BYTES], new Uint8Array(BOMB_BYTES)))],
    parse: async (bytes) => {
      await scratch.write(name, bytes);
      return loadDataset(declaration, { baseDirectory: scratch.path, maxBytes: MAX_BYTES });
    },
    close: scratch.remove,
  };
}
