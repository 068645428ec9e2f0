/** Kernels that rearrange cells: mirrored borders, and blocks of cells moved into the batch or into channels. */
import {
  type Expr,
  type F32,
  f32,
  fselect,
  type I32,
  i32,
  iadd,
  iand,
  idivu,
  ilts,
  iltu,
  imul,
  iremu,
  iselect,
  isub,
} from '../expr/expression.js';
import {
  type Coordinates,
  coordinatesOf,
  elementAt,
  flatIndex,
  type LazyTensor,
} from '../frontend/lowering/lazy-tensor.js';
import {
  input,
  integersAttribute,
  type KernelContext,
  type KernelTable,
  numberAttribute,
  outputTensor,
  unsupported,
} from './kernel.js';

/** Pairs of integers, one for each axis. */
function pairsAttribute(context: KernelContext, name: string): readonly (readonly [number, number])[] {
  const given = context.call.attributes[name];
  const isPair = (pair: unknown): boolean => Array.isArray(pair) && pair.length === 2 && pair.every(Number.isInteger);
  if (Array.isArray(given) && given.every(isPair)) return given as unknown as readonly (readonly [number, number])[];
  throw unsupported(context, name, given, 'a pair of integers for each axis');
}

/** The border repeats what lies inside, backwards; with `symmetric` the outermost cells too. */
function mirrorPad(context: KernelContext): LazyTensor {
  const x = input(context, 'x');
  const { mode } = context.call.attributes;
  if (mode !== 'reflect' && mode !== 'symmetric') throw unsupported(context, 'mode', mode, 'reflect or symmetric');
  const paddings = pairsAttribute(context, 'paddings');
  const again = mode === 'symmetric' ? 1 : 0;
  const mirrored = (coordinate: I32, axis: number): I32 => {
    const [before, after] = paddings[axis]!;
    const extent = x.shape[axis]!;
    const moved = isub(coordinate, i32(before));
    const low = before === 0 ? moved : iselect(ilts(moved, i32(0)), isub(i32(-again), moved), moved);
    if (after === 0) return low;
    return iselect(ilts(moved, i32(extent)), low, isub(i32(2 * (extent - 1) + again), moved));
  };
  return outputTensor(context, 'pad', [x], (at) => elementAt(x, at.map(mirrored)));
}

/** Channels become blocks of cells. */
function depthToSpace(context: KernelContext): LazyTensor {
  const x = input(context, 'x');
  const { dataFormat } = context.call.attributes;
  if (dataFormat !== 'NHWC') throw unsupported(context, 'dataFormat', dataFormat, 'NHWC');
  const size = numberAttribute(context, 'blockSize');
  const [block, channels] = [i32(size), i32(x.shape[3]! / (size * size))];
  return outputTensor(context, 'copy', [x], ([n, row, column, channel]) => {
    const part = iadd(imul(iremu(row!, block), block), iremu(column!, block));
    return elementAt(x, [n!, idivu(row!, block), idivu(column!, block), iadd(imul(part, channels), channel!)]);
  });
}

/** Cell k of each block goes to part k of the batch. Cells of padding are 0. */
function spaceToBatch(context: KernelContext): LazyTensor {
  const x = input(context, 'x');
  const blocks = integersAttribute(context, 'blockShape');
  const paddings = pairsAttribute(context, 'paddings');
  const batch = x.shape[0]!;
  return outputTensor(context, 'copy', [x], (at) => {
    const places = coordinatesOf(idivu(at[0]!, i32(batch)), blocks);
    const cells = blocks.map((block, axis) => {
      const cell = iadd(imul(at[axis + 1]!, i32(block)), places[axis]!);
      return isub(cell, i32(paddings[axis]![0]));
    });
    const element = elementAt(x, [iremu(at[0]!, i32(batch)), ...cells, ...at.slice(blocks.length + 1)]);
    const conditions = cells
      .map((cell, axis) => iltu(cell, i32(x.shape[axis + 1]!)))
      .filter((_, axis) => paddings[axis]!.some((count) => count !== 0));
    return conditions.length === 0
      ? element
      : orZero(
          conditions.reduce((all, one) => iand(all, one)),
          element,
        );
  });
}

function orZero(inside: I32, element: Expr): Expr {
  return element.dtype === 'f32' ? fselect(inside, element as F32, f32(0)) : iselect(inside, element as I32, i32(0));
}

/** The inverse of {@link spaceToBatch}, without the cropped cells. */
function batchToSpace(context: KernelContext): LazyTensor {
  const x = input(context, 'x');
  const blocks = integersAttribute(context, 'blockShape');
  const crops = pairsAttribute(context, 'crops');
  const batch = x.shape[0]! / blocks.reduce((all, block) => all * block, 1);
  return outputTensor(context, 'copy', [x], (at: Coordinates) => {
    const cells = blocks.map((_, axis) => iadd(at[axis + 1]!, i32(crops[axis]![0])));
    const place = flatIndex(
      cells.map((cell, axis) => iremu(cell, i32(blocks[axis]!))),
      blocks,
    );
    const moved = cells.map((cell, axis) => idivu(cell, i32(blocks[axis]!)));
    return elementAt(x, [iadd(imul(place, i32(batch)), at[0]!), ...moved, ...at.slice(blocks.length + 1)]);
  });
}

export const MOVEMENT_KERNELS: KernelTable = {
  MirrorPad: { reads: 'often', lower: mirrorPad },
  DepthToSpace: { reads: 'view', lower: depthToSpace },
  SpaceToBatchND: { reads: 'once', lower: spaceToBatch },
  BatchToSpaceND: { reads: 'view', lower: batchToSpace },
};
