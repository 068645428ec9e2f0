import { one, rule, type ShapeTable } from './kernel-signature.js';

/** Kernels that need no tensor: constants, and the product's own reproducible draws and initialisers. */
export const SOURCE_SHAPES: ShapeTable = [
  ...rule('Fill', (_, { shape, dtype }) => one(shape, dtype ?? 'float32')),
  ...rule('Range', (_, { start, stop, step, dtype }) => one([Math.max(0, Math.ceil((stop - start) / step))], dtype)),
  ...rule('LinSpace', (_, { num }) => one([num], 'float32')),
  ...rule('GensynUniform GensynNormal', (_, { shape }) => one(shape, 'float32')),
  ...rule('GensynInit', (_, { shape, dtype }) => one(shape, dtype)),
];
