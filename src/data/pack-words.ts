import type { DataTensor } from './data-tensor.js';

/** The bits of a tensor's elements as words; bytes are packed, four to a word. Independent of the machine's byte order. */
export function packWords({ dtype, values }: Pick<DataTensor, 'dtype' | 'values'>): Uint32Array {
  if (dtype !== 'u8') {
    const copy = values.slice();
    return new Uint32Array(copy.buffer, copy.byteOffset, copy.length);
  }
  const words = new Uint32Array(Math.ceil(values.length / 4));
  for (let at = 0; at < values.length; at++) words[at >>> 2]! |= values[at]! << ((at & 3) * 8);
  return words;
}
