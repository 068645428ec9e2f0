import type { ElementType } from './data-tensor.js';

/** How an array lies in a file: its elements follow `start` in row-major order. */
export interface ArrayLayout {
  readonly format: 'IDX' | 'npy' | 'safetensors';
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** The byte at which the elements begin. */
  readonly start: number;
  readonly littleEndian: boolean;
}
