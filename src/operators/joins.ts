/** Kernels that put several tensors together. */
import { type Expr, type F32, fselect, type I32, i32, ilts, iselect, isub } from '../expr/expression.js';
import { type Coordinates, elementAt, type LazyTensor, lazyTensor } from '../frontend/lowering/lazy-tensor.js';
import type { ProgramBuilder } from '../frontend/lowering/program-builder.js';
import { axisAttribute, type KernelContext, type KernelTable, listOfInputs, output } from './kernel.js';

/** Tensors that one operator puts together; more are joined in groups first. */
const PARTS = 7;

/** Tensors one after the other along `axis`. */
export function concatenate(parts: readonly LazyTensor[], axis: number, builder: ProgramBuilder): LazyTensor {
  if (parts.length === 1) return parts[0]!;
  if (parts.length > PARTS) {
    const size = Math.ceil(parts.length / Math.ceil(parts.length / PARTS));
    const groups: LazyTensor[] = [];
    for (let from = 0; from < parts.length; from += size) {
      const group = concatenate(parts.slice(from, from + size), axis, builder);
      builder.store(group);
      groups.push(group);
    }
    return concatenate(groups, axis, builder);
  }
  const extent = parts.reduce((total, part) => total + part.shape[axis]!, 0);
  const { shape, dtype } = parts[0]!;
  return lazyTensor({
    shape: shape.with(axis, extent),
    dtype,
    kind: 'concat',
    inputs: parts,
    compute: (at) => selectPart(parts, axis, at),
  });
}

/** The element of the first part that reaches beyond the coordinate. */
function selectPart(parts: readonly LazyTensor[], axis: number, at: Coordinates): Expr {
  const [first, ...rest] = parts;
  const element = elementAt(first!, at);
  if (rest.length === 0) return element;
  const extent = i32(first!.shape[axis]!);
  const other = selectPart(rest, axis, at.with(axis, isub(at[axis]!, extent)));
  const inFirst = ilts(at[axis]!, extent);
  if (element.dtype === 'f32') return fselect(inFirst, element as F32, other as F32);
  return iselect(inFirst, element as I32, other as I32);
}

function concat(context: KernelContext): LazyTensor {
  const parts = listOfInputs(context);
  const axis = axisAttribute(context, output(context).shape.length);
  return concatenate(parts, axis, context.builder);
}

/** A new axis, along which the tensors lie. */
function pack(context: KernelContext): LazyTensor {
  const { shape } = output(context);
  const axis = axisAttribute(context, shape.length, 0);
  const parts = listOfInputs(context).map((part) =>
    lazyTensor({
      shape: shape.with(axis, 1),
      dtype: part.dtype,
      kind: 'copy',
      inputs: [part],
      compute: (at) => elementAt(part, at.toSpliced(axis, 1)),
    }),
  );
  return concatenate(parts, axis, context.builder);
}

export const JOIN_KERNELS: KernelTable = {
  Concat: { reads: 'often', lower: concat },
  Pack: { reads: 'often', lower: pack },
};
