/** Words of the program's tensors as the typed arrays of tfjs, and back. */
import type { Words } from '../../backends/backend.js';
import type { TensorType } from '../../frontend/recording.js';
import type { Tensor } from '../../frontend/tfjs/load-tfjs.js';
import { CANONICAL_NAN, isForeignNaN } from '../../numerics/float32.js';

/** A copy of the words as tfjs wants them. */
export function tensorNumbers(words: Words, dtype: TensorType): Float32Array | Int32Array | Uint8Array {
  if (dtype === 'bool') return Uint8Array.from(words);
  const copy = words.slice();
  return dtype === 'float32' ? new Float32Array(copy.buffer) : new Int32Array(copy.buffer);
}

/** A copy of a tensor's numbers as words; every NaN becomes the one that may be stored. */
export function tensorWords(tensor: Tensor): Words {
  const numbers = tensor.dataSync() as Float32Array | Int32Array | Uint8Array;
  if (tensor.dtype === 'bool') return Uint32Array.from(numbers);
  const words = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length).slice();
  if (tensor.dtype === 'float32') {
    for (let at = 0; at < words.length; at++) if (isForeignNaN(words[at]!)) words[at] = CANONICAL_NAN;
  }
  return words;
}
