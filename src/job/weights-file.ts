/** Weights by name, for a model that has none of its own. */
import { readBoundedFile } from '../data/read-file.js';
import { parseSafetensors, safetensorsToDataTensor } from '../data/safetensors.js';
import { fail } from '../errors/index.js';
import type { NamedTensor } from '../frontend/tfjs/specification.js';
import { refuseBinaryModel } from './model-file.js';

/**
 * Reads a safetensors file; binary64 is rounded to binary32.
 *
 * @throws `data.file-missing`, `data.…` for what is no safetensors file, `job.model-format`, `job.model-weights-type`
 */
export async function readWeightsFile(path: string): Promise<NamedTensor[]> {
  const bytes = await readBoundedFile(path);
  refuseBinaryModel(bytes, path, 'a safetensors file');
  return parseSafetensors(bytes, path).tensors.map((stored): NamedTensor => {
    const tensor = safetensorsToDataTensor(stored, path);
    const { name, dtype: type } = stored;
    if (tensor.dtype !== 'f32') throw fail('job.model-weights-type', { tensor: name, path, type });
    return { name, shape: tensor.shape, values: tensor.values };
  });
}
