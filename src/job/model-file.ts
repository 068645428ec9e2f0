/** `model.json` files of tfjs and Keras, with the weight files that they name. */
import { dirname, isAbsolute, normalize, resolve } from 'node:path';
import { readBoundedFile } from '../data/read-file.js';
import { parseJsonStrict } from '../data/strict-json.js';
import { fail } from '../errors/index.js';
import type { ModelSource, ModelWeights } from '../frontend/tfjs/specification.js';

const MAX_MODEL_BYTES = 2 ** 26;
const SHOWN = 80;

interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly ManifestEntry[];
}

type ManifestEntry = ModelWeights['specs'][number] & { readonly quantization?: { readonly dtype?: string } };

/**
 * Reads a model file. Weights that the file declares become the model's initial values.
 *
 * @throws `data.file-missing`, `data.json-…`, `job.model-format`, `job.model-weights` for weight files outside
 * of the model's folder, `job.model-weights-size`
 */
export async function readModelFile(path: string): Promise<ModelSource> {
  const bytes = await readBoundedFile(path, { maxBytes: MAX_MODEL_BYTES });
  refuseBinaryModel(bytes, path, 'a model.json');
  const json = parseJsonStrict(bytes, { maxBytes: MAX_MODEL_BYTES, name: path });
  const groups = weightGroups(json);
  if (groups.length === 0) return { kind: 'topology', json };
  const parts: Uint8Array[] = [];
  for (const file of groups.flatMap(({ paths }) => paths)) parts.push(await readBoundedFile(weightPath(path, file)));
  const data = new Uint8Array(Buffer.concat(parts)).buffer;
  const specs = groups.flatMap(({ weights }) => weights);
  checkSize(specs, data.byteLength, path);
  return { kind: 'topology', json, weights: { specs, data } };
}

const BINARY_MODELS: readonly (readonly [magic: readonly number[], what: string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive, as Keras 3 saves under .keras'],
  [[0x89, 0x48, 0x44, 0x46], 'an HDF5 file, as Keras saves under .h5'],
];

/**
 * Names the formats of Keras that are not read.
 *
 * @throws `job.model-format`
 */
export function refuseBinaryModel(bytes: Uint8Array, path: string, expected: string): void {
  for (const [magic, found] of BINARY_MODELS) {
    if (magic.every((byte, at) => bytes[at] === byte)) throw fail('job.model-format', { path, found, expected });
  }
}

const TYPE_BYTES: ReadonlyMap<string, number> = new Map([
  ['float32', 4],
  ['int32', 4],
  ['bool', 1],
  ['uint8', 1],
  ['uint16', 2],
  ['float16', 2],
]);

/** The bytes that a manifest declares must be there, all of them and no more. Types that tfjs refuses are left to it. */
function checkSize(specs: readonly ManifestEntry[], found: number, path: string): void {
  let expected = 0;
  for (const { shape, dtype, quantization } of specs) {
    const bytes = TYPE_BYTES.get(quantization?.dtype ?? dtype);
    if (bytes === undefined || !Array.isArray(shape)) return;
    expected += shape.reduce((product, extent) => product * extent, bytes);
  }
  if (expected !== found) throw fail('job.model-weights-size', { path, expected, found });
}

function weightGroups(json: unknown): readonly WeightGroup[] {
  const manifest = (json as { weightsManifest?: unknown } | null)?.weightsManifest;
  if (!Array.isArray(manifest)) return [];
  return manifest.filter(
    (group: Partial<WeightGroup> | null): group is WeightGroup =>
      Array.isArray(group?.paths) && Array.isArray(group.weights),
  );
}

/** A model.json may come from anywhere: its weights lie beside it or below, never elsewhere. */
function weightPath(model: string, file: unknown): string {
  if (typeof file !== 'string' || isAbsolute(file) || normalize(file).startsWith('..')) {
    throw fail('job.model-weights', {
      path: model,
      file: typeof file === 'string' ? file : `${JSON.stringify(file)}`.slice(0, SHOWN),
    });
  }
  return resolve(dirname(model), file);
}
