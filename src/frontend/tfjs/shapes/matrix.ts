import { tf } from '../load-tfjs.js';
import {
  type KernelAttributes,
  type KernelInputs,
  listed,
  one,
  rule,
  type Shaped,
  type ShapeTable,
  sizeAt,
} from './kernel-signature.js';

function multiplyMatrices({ a, b }: KernelInputs, { transposeA, transposeB }: KernelAttributes): Shaped[] {
  const [rows, inner] = lastTwo(a.shape, transposeA);
  const [otherInner, columns] = lastTwo(b.shape, transposeB);
  if (inner !== otherInner) {
    throw new Error(`matrices [${a.shape}] and [${b.shape}] do not share their inner size`);
  }
  const batch = tf.backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return one([...batch, rows, columns], a.dtype);
}

function lastTwo(shape: readonly number[], transposed: boolean): [number, number] {
  const first = sizeAt(shape, shape.length - 2);
  const second = sizeAt(shape, shape.length - 1);
  return transposed ? [second, first] : [first, second];
}

function contract(inputs: KernelInputs, { equation }: KernelAttributes): Shaped[] {
  const operands = listed(inputs);
  const [left = '', right = ''] = equation.replace(/\s/g, '').split('->');
  const sizes = new Map<string, number>();
  for (const [operand, letters] of left.split(',').entries()) {
    for (const [dimension, letter] of [...letters].entries()) {
      sizes.set(letter, sizeAt(operands[operand]?.shape ?? [], dimension));
    }
  }
  return one(
    [...right].map((letter) => sizes.get(letter) ?? 1),
    operands[0].dtype,
  );
}

export const MATRIX_SHAPES: ShapeTable = [
  ...rule('BatchMatMul _FusedMatMul', multiplyMatrices),
  ...rule('Einsum', contract),
];
