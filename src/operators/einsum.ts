/**
 * Einsum of one or two tensors: views for the axes, and folds over the letters that the result does not have.
 *
 * A letter that only one operand has is summed up in that operand first, as `Sum` does it. What is left is one
 * sequential fold over the letters in the order of the equation, `acc + a·b` from +0, as in a matrix product.
 */
import { type Expr, type F32, f32, fadd, fmul, type I32, i32, iadd, imul } from '../expr/expression.js';
import {
  type Coordinates,
  elementAt,
  foldTensor,
  type LazyTensor,
  lazyTensor,
  scalarType,
} from '../frontend/lowering/lazy-tensor.js';
import { type KernelContext, type KernelTable, listOfInputs, output, outputTensor, unsupported } from './kernel.js';
import { storePlain } from './matmul.js';
import { reduce, sumOf } from './reductions.js';

/** A tensor whose axes have names. */
interface Named {
  readonly tensor: LazyTensor;
  readonly letters: string;
}

function einsum(context: KernelContext): LazyTensor {
  const equation = String(context.call.attributes['equation']).replace(/\s/g, '');
  const [left = '', result = ''] = equation.split('->');
  const terms = left.split(',');
  const tensors = listOfInputs(context);
  const isPlain = terms.length === tensors.length && terms.length <= 2 && /^[A-Za-z,]*->[A-Za-z]*$/.test(equation);
  if (!isPlain || terms.some((term) => new Set(term).size !== term.length)) {
    throw unsupported(context, 'equation', equation, 'one or two operands of different letters and an arrow');
  }
  const operands = terms.map((letters, at): Named => {
    const kept = `${result}${terms[1 - at] ?? ''}`;
    return sumOut(context, { tensor: tensors[at]!, letters }, kept);
  });
  const [a, b] = operands as [Named, Named | undefined];
  return b === undefined ? viewOf(context, a, result) : contract(context, a, b, result);
}

/** The operand without the letters that nothing else has. */
function sumOut({ builder }: KernelContext, { tensor, letters }: Named, kept: string): Named {
  const axes = [...letters].flatMap((letter, axis) => (kept.includes(letter) ? [] : [axis]));
  if (axes.length === 0) return { tensor, letters };
  const { dtype } = tensor;
  const summed = reduce({ x: tensor, axes, keepDims: false, monoid: sumOf(dtype), dtype, builder });
  return { tensor: summed, letters: [...letters].filter((letter) => kept.includes(letter)).join('') };
}

/** The element of a named tensor, by the coordinate of each letter. */
function elementBy({ tensor, letters }: Named, coordinates: ReadonlyMap<string, I32>): Expr {
  return elementAt(
    tensor,
    [...letters].map((letter) => coordinates.get(letter)!),
  );
}

function coordinatesBy(letters: string, at: Coordinates): [string, I32][] {
  return [...letters].map((letter, axis) => [letter, at[axis]!]);
}

function viewOf(context: KernelContext, a: Named, result: string): LazyTensor {
  return outputTensor(context, 'copy', [a.tensor], (at) => elementBy(a, new Map(coordinatesBy(result, at))));
}

function contract(context: KernelContext, a: Named, b: Named, result: string): LazyTensor {
  const { shape, dtype } = output(context);
  const summed = [...a.letters].filter((letter) => !result.includes(letter)).join('');
  const product = (x: Expr, y: Expr): Expr => (x.dtype === 'f32' ? fmul(x as F32, y as F32) : imul(x as I32, y as I32));
  const inputs = [a.tensor, b.tensor];
  if (summed === '') {
    const compute = (at: Coordinates): Expr => {
      const coordinates = new Map(coordinatesBy(result, at));
      return product(elementBy(a, coordinates), elementBy(b, coordinates));
    };
    return lazyTensor({ shape, dtype, inputs, compute });
  }
  for (const tensor of inputs) storePlain(tensor, context.builder);
  const type = scalarType(dtype);
  const add = (x: Expr, y: Expr): Expr => (type === 'f32' ? fadd(x as F32, y as F32) : iadd(x as I32, y as I32));
  return foldTensor({
    kind: 'einsum',
    dtype,
    inputs,
    accumulators: [type],
    fold: {
      shape,
      reduction: [...summed].map((letter) => a.tensor.shape[a.letters.indexOf(letter)]!),
      init: () => [type === 'f32' ? f32(0) : i32(0)],
      update: (at, turn, [sum]) => {
        const coordinates = new Map([...coordinatesBy(result, at), ...coordinatesBy(summed, turn)]);
        return [add(sum!, product(elementBy(a, coordinates), elementBy(b, coordinates)))];
      },
    },
  });
}

export const EINSUM_KERNELS: KernelTable = {
  Einsum: { reads: 'often', lower: einsum },
};
