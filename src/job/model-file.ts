/** `model.json` files of tfjs and Keras, with the weight files that they name. */
import { dirname, isAbsolute, normalize, resolve } from 'node:path';
import { readBoundedFile } from '../data/read-file.js';
import { parseJsonStrict } from '../data/strict-json.js';
import { fail } from '../errors/index.js';
import type { ModelSource, ModelWeights } from '../frontend/tfjs/specification.js';

const MAX_MODEL_BYTES = 2 ** 26;

interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: ModelWeights['specs'];
}

/**
 * Reads a model file. Weights that the file declares become the model's initial values.
 *
 * @throws `data.file-missing`, `data.json-…`, `job.model-weights` for weight files outside of the model's folder
 */
export async function readModelFile(path: string): Promise<ModelSource> {
  const json = parseJsonStrict(await readBoundedFile(path, { maxBytes: MAX_MODEL_BYTES }), {
    maxBytes: MAX_MODEL_BYTES,
    name: path,
  });
  const groups = weightGroups(json);
  if (groups.length === 0) return { kind: 'topology', json };
  const parts: Uint8Array[] = [];
  for (const file of groups.flatMap(({ paths }) => paths)) parts.push(await readBoundedFile(weightPath(path, file)));
  const data = new Uint8Array(Buffer.concat(parts)).buffer;
  return { kind: 'topology', json, weights: { specs: groups.flatMap(({ weights }) => weights), data } };
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
    throw fail('job.model-weights', { path: model, file: String(file) });
  }
  return resolve(dirname(model), file);
}
