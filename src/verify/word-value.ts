/** A word of a tensor, as a number and as bits (0x-hex). A NaN's or infinity's value is a string, as JSON has neither. */
export interface WordValue {
  readonly value: number | string;
  readonly bits: string;
}

/** A word as people and documents show it. */
export function wordValue(word: number, dtype: 'f32' | 'i32'): WordValue {
  const bits = `0x${(word >>> 0).toString(16).padStart(8, '0')}`;
  if (dtype === 'i32') return { value: word | 0, bits };
  const value = new Float32Array(Uint32Array.of(word).buffer)[0]!;
  return {
    value: Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : String(value),
    bits,
  };
}
