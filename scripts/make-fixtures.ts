/**
 * Makes the data files in fixtures/data from their sources (see fixtures/data/README.md):
 *
 *     node dist/scripts/make-fixtures.js <folder with the Fashion-MNIST files> <iris.csv of scikit-learn> <alice29.txt> \
 *       <output folder>
 *
 * The output is the same on every machine with the same zlib, and prints its own table of hashes.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { blake3 } from '@noble/hashes/blake3.js';
import type { DataTensor } from '../src/data/data-tensor.js';
import { parseIdx } from '../src/data/idx.js';

const SUBSETS = [
  { name: 'train', count: 8000 },
  { name: 't10k', count: 2000 },
] as const;
const PARTS = ['images-idx3-ubyte.gz', 'labels-idx1-ubyte.gz'] as const;

function main([fashion, iris, alice, output]: readonly string[]): void {
  if (fashion === undefined || iris === undefined || alice === undefined || output === undefined) {
    throw new Error(
      'usage: make-fixtures <folder with the Fashion-MNIST files> <iris.csv of scikit-learn> <alice29.txt> <output folder>',
    );
  }
  mkdirSync(output, { recursive: true });
  for (const { name, count } of SUBSETS) {
    for (const part of PARTS) {
      const file = `${name}-${part}`;
      const tensor = firstRows(parseIdx(readFileSync(join(fashion, file)), file), count);
      if (tensor.shape.length === 1)
        console.log(`${file}: examples of each class ${classCounts(tensor.values).join(' ')}`);
      emit(output, `fashion-${file}`, reproducibleGzip(encodeIdx(tensor)));
    }
  }
  emit(output, 'iris.csv', Buffer.from(irisCsv(readFileSync(iris, 'utf8'))));
  const story = aliceText(readFileSync(alice, 'latin1'));
  console.log(`alice.txt.gz: ${describeText(story)}`);
  emit(output, 'alice.txt.gz', reproducibleGzip(Buffer.from(story)));
}

function firstRows(tensor: DataTensor, count: number): DataTensor & { dtype: 'u8' } {
  if (tensor.dtype !== 'u8') throw new Error('bytes expected');
  const size = tensor.values.length / tensor.shape[0]!;
  return { dtype: 'u8', shape: [count, ...tensor.shape.slice(1)], values: tensor.values.subarray(0, count * size) };
}

function encodeIdx({ shape, values }: DataTensor & { dtype: 'u8' }): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 0x08, shape.length]);
  shape.forEach((extent, axis) => {
    header.writeUInt32BE(extent, 4 + 4 * axis);
  });
  return Buffer.concat([header, values]);
}

/** Gzip without a time, a name or the operating system's number. */
function reproducibleGzip(bytes: Uint8Array): Buffer {
  const file = gzipSync(bytes, { level: 9 });
  file.fill(0, 4, 8);
  file[9] = 255;
  return file;
}

function classCounts(labels: Uint8Array): number[] {
  const counts = new Array<number>(10).fill(0);
  for (const label of labels) counts[label]!++;
  return counts;
}

/** The classes in turn, so that the first n rows are as balanced as can be. */
function irisCsv(source: string): string {
  const [header, ...rows] = source
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  const species = header!.slice(2);
  const classes = species.map((name, number) =>
    rows.filter((row) => row[4] === String(number)).map((row) => [...row.slice(0, 4), name]),
  );
  const lines = ['sepal_length,sepal_width,petal_length,petal_width,species'];
  for (let row = 0; row < classes[0]!.length; row++) {
    for (const members of classes) lines.push(members[row]!.join());
  }
  return `${lines.join('\n')}\n`;
}

/** The twelve chapters, without the title before them and the end mark; one line feed at the end of each line. */
function aliceText(source: string): string {
  const lines = source.replaceAll('\r\n', '\n');
  const [start, end] = [lines.indexOf('CHAPTER I\n'), lines.lastIndexOf('THE END')];
  if (start < 0 || end < start) throw new Error('this is not the text of Alice');
  return `${lines.slice(start, end).trimEnd()}\n`;
}

/** What a model must beat: the entropy of single characters, in nats and bits. */
function describeText(text: string): string {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  const shares = [...counts.values()].map((count) => count / text.length);
  const nats = -shares.reduce((sum, share) => sum + share * Math.log(share), 0);
  const entropy = `${nats.toFixed(4)} nats (${(nats / Math.LN2).toFixed(4)} bits)`;
  return `${text.length} characters, ${counts.size} different ones, entropy ${entropy} a character`;
}

function emit(folder: string, name: string, bytes: Uint8Array): void {
  writeFileSync(join(folder, name), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  console.log(`| ${name} | ${bytes.length} | \`${Buffer.from(blake3(bytes)).toString('hex')}\` | \`${sha256}\` |`);
}

main(process.argv.slice(2));
