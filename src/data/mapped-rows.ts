/** Rows of an array that stay in their file and become words when they are read. */
import type { WordSource } from '../commitments/word-source.js';
import { FileWords, type WordDecoding } from '../files/file-words.js';
import type { ArrayLayout } from './array-layout.js';
import { ELEMENT_BYTES, type ElementType, numberType, readElements } from './data-tensor.js';
import { packWords } from './pack-words.js';

/**
 * Rows `first … first + count − 1`, which must exist, packed like `packWords` does.
 *
 * @throws `data.file-unreadable`; on reading also `data.changed`, `data.value-range`
 */
export function mapRows(layout: ArrayLayout, path: string, first: number, count: number): WordSource {
  const { type, shape, start } = layout;
  const size = shape.slice(1).reduce((total, extent) => total * extent, 1);
  const rowBytes = size * ELEMENT_BYTES[type];
  const decoding = isStoredAsWords(layout) ? undefined : decodingOf(layout, path, first * size);
  return new FileWords({
    path,
    start: start + first * rowBytes,
    byteLength: count * rowBytes,
    ...(decoding !== undefined && { decoding }),
  });
}

/** Little-endian words and bytes are packed as they lie. */
function isStoredAsWords({ type, littleEndian }: ArrayLayout): boolean {
  return type === 'u8' || (littleEndian && (type === 'f32' || type === 'i32'));
}

function decodingOf({ type, littleEndian }: ArrayLayout, path: string, firstElement: number): WordDecoding {
  const elementsPerWord = elementsInWord(type);
  return {
    bytesPerWord: ELEMENT_BYTES[type] * elementsPerWord,
    decode: (bytes, firstWord) => {
      const shape = [bytes.length / ELEMENT_BYTES[type]];
      const firstRead = firstElement + firstWord * elementsPerWord;
      return packWords(readElements({ type, shape, bytes, littleEndian, path, firstElement: firstRead }));
    },
  };
}

function elementsInWord(type: ElementType): number {
  return numberType(type) === 'u8' ? 4 : 1;
}
