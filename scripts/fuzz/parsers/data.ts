/** Readers of data files. */
import { isDeepStrictEqual } from 'node:util';
import { gzipSync } from 'node:zlib';
import { csvClassNames, csvNumbers, parseCsv } from '../../../src/data/csv.js';
import { parseIdx } from '../../../src/data/idx.js';
import { parseNpy } from '../../../src/data/npy.js';
import {
  parseSafetensors,
  type SafetensorsFile,
  safetensorsToDataTensor,
  writeSafetensors,
} from '../../../src/data/safetensors.js';
import { type JsonValue, parseJsonStrict } from '../../../src/data/strict-json.js';
import { parseText } from '../../../src/data/text.js';
import { decodeTokens } from '../../../src/data/vocabulary.js';
import { float32Bytes, idx, npy } from '../../../test/data/helpers.js';
import { parserTarget } from '../parser-target.js';
import type { Target } from '../target.js';

/** Small, so that files that grow when they are decompressed meet it. */
const MAX_BYTES = 1 << 20;
const PATH = 'file';

const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const matrix = float32Bytes([1, -2, 3.5, 4e-40, 0, 6]);

const JSON_SAMPLES = ['{"a":[1,2,{"b":null}],"ü":"\\ud83d\\ude00","c":-0.5e-3}', '[[],{},"",true]', '"x"'].map(utf8);
const CSV_SAMPLES = ['a,b,y\n1,2,cat\n"3",-4e5,dog\n', 'x\r\n1.5\r\n\r\n-2\r\n', 'a;b,"c ""d"""\n 7 , 8 \n'].map(utf8);
const IDX_SAMPLES = [
  idx(0x0d, [2, 3], matrix),
  idx(0x08, [5], Uint8Array.of(1, 2, 3, 4, 5)),
  idx(0x0b, [2], matrix.subarray(0, 4)),
];
const NPY_SAMPLES = [
  npy('<f4', [2, 3], matrix),
  npy('<f4', [], matrix.subarray(0, 4), { version: 2 }),
  npy('<i8', [3], new Uint8Array(24)),
  npy('|b1', [2], Uint8Array.of(0, 1)),
];
const SAFETENSORS_SAMPLES = [
  writeSafetensors([
    { name: 'a', dtype: 'F32', shape: [2, 3], data: matrix },
    { name: 'ü', dtype: 'U8', shape: [5], data: Uint8Array.of(1, 2, 3, 4, 5) },
    { name: 'scalar', dtype: 'I32', shape: [], data: new Uint8Array(4) },
  ]),
  writeSafetensors([{ name: 'e', dtype: 'F32', shape: [0, 7], data: new Uint8Array(0) }], { format: 'pt' }),
];
const TEXT_SAMPLES = ['To be, or not to be: that is the question.\n', 'äöü €😀\u0000', '\ufeffab'].map(utf8);

export const DATA_TARGETS: readonly Target[] = [
  parserTarget('strict-json', () => ({
    form: 'json',
    samples: JSON_SAMPLES,
    parse: readStrictJson,
  })),
  parserTarget('csv', () => ({ form: 'bytes', samples: CSV_SAMPLES, parse: readCsv })),
  parserTarget('idx', () => ({ form: 'bytes', samples: IDX_SAMPLES, parse: readIdx })),
  parserTarget('idx-gzip', () => ({ form: 'bytes', samples: gzipSamples(), parse: readIdx })),
  parserTarget('npy', () => ({ form: 'bytes', samples: NPY_SAMPLES, parse: (bytes) => parseNpy(bytes, PATH) })),
  parserTarget('safetensors', () => ({
    form: 'bytes',
    samples: SAFETENSORS_SAMPLES,
    parse: readSafetensors,
    write: ({ tensors, metadata }) => writeSafetensors(tensors, metadata),
  })),
  parserTarget('text', () => ({ form: 'bytes', samples: TEXT_SAMPLES, parse: readText, write: (text) => text })),
];

/** Strict JSON is JSON: what it accepts is the same value to every reader. */
function readStrictJson(bytes: Uint8Array): JsonValue {
  const value = parseJsonStrict(bytes, { maxBytes: MAX_BYTES });
  if (!isDeepStrictEqual(value, JSON.parse(Buffer.from(bytes).toString())))
    throw new Error('JSON.parse reads another value');
  return value;
}

function readIdx(bytes: Uint8Array) {
  return parseIdx(bytes, PATH, { maxBytes: MAX_BYTES });
}

/** Small files, and one of half a megabyte in half a kilobyte. */
function gzipSamples(): Uint8Array[] {
  const samples = IDX_SAMPLES.map((sample) => new Uint8Array(gzipSync(sample)));
  return [...samples, new Uint8Array(gzipSync(idx(0x08, [1 << 19], new Uint8Array(1 << 19))))];
}

/** Every column as numbers, or as the one class it is known to hold. */
function readCsv(bytes: Uint8Array) {
  const table = parseCsv(bytes, PATH, MAX_BYTES);
  const isClass = table.columns.at(-1) === 'y';
  const numbers = isClass ? table.columns.slice(0, -1) : table.columns;
  const labels = isClass ? csvClassNames(table, 'y', ['cat', 'dog']) : null;
  return {
    labels,
    numbers: csvNumbers(
      table,
      numbers.filter((name) => !name.includes('c')),
    ),
  };
}

/** What the file holds, in the order in which the writer writes it. */
function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { tensors, metadata } = parseSafetensors(bytes, PATH);
  for (const tensor of tensors) safetensorsToDataTensor(tensor, PATH);
  const copies = tensors.map((tensor) => ({ ...tensor, data: tensor.data.slice() }));
  return { tensors: copies.sort((a, b) => (a.name < b.name ? -1 : 1)), metadata };
}

/** A text read as tokens and written from them. */
function readText(bytes: Uint8Array): string {
  const { tokens, vocabulary } = parseText(bytes, PATH, { unit: 'character' });
  parseText(bytes, PATH, { unit: 'byte' });
  return decodeTokens(tokens, vocabulary!);
}
