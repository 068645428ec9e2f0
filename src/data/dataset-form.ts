/** What a loaded data set is, whatever file it came from. */
import type { WordSource } from '../commitments/word-source.js';
import type { ReadFileOptions } from './read-file.js';
import type { TextUnit } from './text.js';

export interface Features {
  readonly dtype: 'u8' | 'i32' | 'f32';
  readonly exampleShape: readonly number[];
  /** [count, …exampleShape], row-major; of a text, all its tokens. `u8` is packed little-endian, its last word padded with zero bytes. */
  readonly words: WordSource;
  /** binary32 numbers; the model sees `value * scale + offset`, each operation rounded. Always 1 and 0 for i32. */
  readonly scale: number;
  readonly offset: number;
}

export type Labels =
  | {
      readonly kind: 'class';
      readonly classes: number;
      /** The shape of one example's labels: [] for one class, [tokens] for one class for each token. */
      readonly shape: readonly number[];
      readonly dtype: 'u8' | 'i32';
      /** [count, …shape]; `u8` is packed like {@link Features.words}. */
      readonly words: Uint32Array;
    }
  | {
      readonly kind: 'values';
      /** The shape of one example's values. */
      readonly shape: readonly number[];
      /** [count, …shape], binary32. */
      readonly words: Uint32Array;
    };

export interface Dataset {
  readonly features: Features;
  readonly labels: Labels;
  readonly count: number;
  /** Of a text, how its windows lie in the tokens, which are features and labels at once; else `null`. */
  readonly text: TextWindows | null;
}

export interface LoadDatasetOptions extends ReadFileOptions {
  /** Where relative paths start. */
  readonly baseDirectory: string;
  /** Features that take more bytes stay in their file, where it is not compressed; unless told, everything is loaded. */
  readonly mapAbove?: number;
  /** The vocabulary of the training text, for texts that are read to be compared with it. */
  readonly vocabulary?: string | null;
}

/** How the windows of a text lie in its tokens. */
export interface TextWindows {
  readonly unit: TextUnit;
  /** Number of tokens kept: window w is tokens w·stride … w·stride + L. */
  readonly tokens: number;
  readonly stride: number;
  /** The characters that tokens stand for, in order of their code points; `null` where tokens are bytes. */
  readonly vocabulary: string | null;
}
