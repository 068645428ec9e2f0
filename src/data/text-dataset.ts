/**
 * Language models learn from windows of a text: window w starts at token w·stride, its input is `length` tokens and its
 * label at each of them is the token that follows. The text is kept once, and the program reads windows by address.
 */
import { fail } from '../errors/index.js';
import { resolvePath } from './data-file.js';
import type { Dataset, LoadDatasetOptions } from './dataset-form.js';
import { packWords } from './pack-words.js';
import { decompress, readBoundedFile } from './read-file.js';
import { MAX_TEXT_BYTES, parseText, type Text, type TextUnit } from './text.js';

export interface TextDeclaration {
  readonly file: string;
  /** What a token is; a character unless told. */
  readonly unit?: TextUnit;
  /** L, the number of tokens that the model sees at once. */
  readonly length: number;
  /** Tokens from the start of one window to the start of the next; 1 unless told. */
  readonly stride?: number;
}

export interface TextDatasetDeclaration {
  readonly text: TextDeclaration;
  /** How many windows at the start are passed over. */
  readonly skip?: number;
  /** How many windows are taken at most. */
  readonly limit?: number;
}

export function isTextDeclaration(declaration: object): declaration is TextDatasetDeclaration {
  return 'text' in declaration && declaration.text !== undefined;
}

/**
 * Loads a text and cuts it to the windows that are taken.
 *
 * @throws `data.file-…`, `data.gzip…`, `data.text-…`, `data.vocabulary`, `data.no-examples`
 */
export async function loadTextDataset(
  declaration: TextDatasetDeclaration,
  options: LoadDatasetOptions,
): Promise<Dataset> {
  const { file, unit = 'character', length, stride = 1 } = declaration.text;
  const path = resolvePath(file, options.baseDirectory);
  const reading = { ...options, maxBytes: Math.min(MAX_TEXT_BYTES, options.maxBytes ?? MAX_TEXT_BYTES) };
  const bytes = decompress(await readBoundedFile(path, reading), path, reading);
  const text = parseText(bytes, path, { unit, vocabulary: options.vocabulary ?? null });
  const { skip = 0, limit = Number.MAX_SAFE_INTEGER } = declaration;
  // Window w needs the tokens w·stride … w·stride + L.
  const available = Math.floor((text.tokens.length - length - 1) / stride) + 1;
  const count = Math.min(limit, available - skip);
  if (count <= 0) {
    const first = skip * stride;
    throw fail('data.text-short', { path, found: text.tokens.length, length, first, needed: first + length + 1 });
  }
  const first = skip * stride;
  const tokens = text.tokens.subarray(first, first + (count - 1) * stride + length + 1);
  return windowsOf({ ...text, tokens }, { length, stride, count });
}

function windowsOf(
  { unit, tokens, vocabulary, classes }: Text,
  { length, stride, count }: { length: number; stride: number; count: number },
): Dataset {
  const dtype = tokens instanceof Uint8Array ? 'u8' : 'i32';
  const words = packWords({ dtype, values: tokens });
  return {
    features: { dtype, exampleShape: [length], words, scale: 1, offset: 0 },
    labels: { kind: 'class', classes, shape: [length], dtype, words },
    count,
    text: { unit, tokens: tokens.length, stride, vocabulary },
  };
}
