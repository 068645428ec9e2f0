import { CONVOLUTION_SHAPES } from './convolution.js';
import { ELEMENTWISE_SHAPES } from './elementwise.js';
import type { ShapeInference } from './kernel-signature.js';
import { MATRIX_SHAPES } from './matrix.js';
import { MOVEMENT_SHAPES } from './movement.js';
import { REDUCTION_SHAPES } from './reduction.js';
import { SOURCE_SHAPES } from './source.js';

/** The kernels that can be recorded: for each its output shapes and types, from its inputs and attributes. */
export const SHAPE_INFERENCE: ReadonlyMap<string, ShapeInference> = new Map([
  ...ELEMENTWISE_SHAPES,
  ...REDUCTION_SHAPES,
  ...MATRIX_SHAPES,
  ...CONVOLUTION_SHAPES,
  ...MOVEMENT_SHAPES,
  ...SOURCE_SHAPES,
]);

/** Kernels whose result is a list, even of one tensor. */
export const LIST_KERNELS: ReadonlySet<string> = new Set(['Unpack', 'SplitV', 'TopK']);
