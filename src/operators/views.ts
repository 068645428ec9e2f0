/** Kernels that only rename elements: their tensors are functions of coordinates and cost nothing. */
import { type F32, fselect, type I32, i32, iadd, iand, iltu, imul, iremu, iselect, isub } from '../expr/expression.js';
import {
  broadcastCoordinates,
  type Coordinates,
  coordinatesOf,
  elementAt,
  flatIndex,
  type LazyTensor,
  lazyTensor,
} from '../frontend/lowering/lazy-tensor.js';
import { constantOf } from './elementwise.js';
import {
  axisAttribute,
  input,
  integersAttribute,
  type Kernel,
  type KernelContext,
  type KernelTable,
  numberAttribute,
  output,
  outputTensor,
  unsupported,
} from './kernel.js';

/** A view of one input: element `at` of the output is element `move(at)` of the input. */
function view(name: string, move: (at: Coordinates, x: LazyTensor, context: KernelContext) => Coordinates): Kernel {
  const lower = (context: KernelContext): LazyTensor => {
    const x = input(context, name);
    return outputTensor(context, 'copy', [x], (at) => elementAt(x, move(at, x, context)));
  };
  return { reads: 'view', lower };
}

const reshape = (name: string): Kernel =>
  view(name, (at, x, context) => coordinatesOf(flatIndex(at, output(context).shape), x.shape));

const transpose = view('x', (at, _x, context) => {
  const moved: I32[] = [];
  integersAttribute(context, 'perm').forEach((from, axis) => {
    moved[from] = at[axis]!;
  });
  return moved;
});

const slice = view('x', (at, _x, context) => {
  const begin = integersAttribute(context, 'begin');
  return at.map((coordinate, axis) => iadd(coordinate, i32(begin[axis] ?? 0)));
});

const stridedSlice = view('x', (at, x, context) => {
  for (const mask of ['beginMask', 'endMask', 'ellipsisMask', 'newAxisMask', 'shrinkAxisMask']) {
    const value = context.call.attributes[mask] ?? 0;
    if (value !== 0) throw unsupported(context, mask, value, '0');
  }
  const strides = integersAttribute(context, 'strides');
  return integersAttribute(context, 'begin').map((begin, axis) => {
    const first = begin < 0 ? begin + x.shape[axis]! : begin;
    return iadd(i32(first), imul(at[axis]!, i32(strides[axis]!)));
  });
});

const reverse = view('x', (at, x, context) => {
  const axes = integersAttribute(context, 'dims').map((axis) => (axis < 0 ? axis + x.shape.length : axis));
  return at.map((coordinate, axis) => (axes.includes(axis) ? isub(i32(x.shape[axis]! - 1), coordinate) : coordinate));
});

const tile = view('x', (at, x) => at.map((coordinate, axis) => iremu(coordinate, i32(x.shape[axis]!))));

const broadcastTo = view('x', (at, x) => broadcastCoordinates(at, x.shape));

/** Parts of a tensor along one axis, as `SplitV` and `Unpack` give them. */
function splitV(context: KernelContext): LazyTensor[] {
  const x = input(context, 'x');
  const axis = axisAttribute(context, x.shape.length, 0);
  let begin = 0;
  return context.call.outputs.map(({ shape, dtype }) => {
    const from = begin;
    begin += shape[axis]!;
    const compute = (at: Coordinates) =>
      elementAt(
        x,
        at.map((coordinate, at) => (at === axis ? iadd(coordinate, i32(from)) : coordinate)),
      );
    return lazyTensor({ shape, dtype, kind: 'copy', inputs: [x], compute });
  });
}

function unpack(context: KernelContext): LazyTensor[] {
  const value = input(context, 'value');
  const axis = axisAttribute(context, value.shape.length, 0);
  return context.call.outputs.map(({ shape, dtype }, position) => {
    const compute = (at: Coordinates) => elementAt(value, at.toSpliced(axis, 0, i32(position)));
    return lazyTensor({ shape, dtype, kind: 'copy', inputs: [value], compute });
  });
}

/** Zero (or another constant) around a tensor. */
function pad(context: KernelContext): LazyTensor {
  const x = input(context, 'x');
  const paddings = context.call.attributes['paddings'];
  if (!Array.isArray(paddings)) throw unsupported(context, 'paddings', paddings, 'a pair of integers for each axis');
  const before = paddings.map((pair) => Number((pair as readonly number[])[0]));
  const around = constantOf(numberAttribute(context, 'constantValue', 0), x.dtype);
  const isPadded = (axis: number): boolean => x.shape[axis] !== output(context).shape[axis];
  return outputTensor(context, 'pad', [x], (at) => {
    const moved = at.map((coordinate, axis) => isub(coordinate, i32(before[axis]!)));
    const inside = moved
      .map((coordinate, axis) => iltu(coordinate, i32(x.shape[axis]!)))
      .filter((_, axis) => isPadded(axis))
      .reduce((all, one) => iand(all, one), i32(1));
    const element = elementAt(x, moved);
    if (x.dtype === 'float32') return fselect(inside, element as F32, around as F32);
    return iselect(inside, element as I32, around as I32);
  });
}

export const VIEW_KERNELS: KernelTable = {
  Identity: view('x', (at) => at),
  Reshape: reshape('x'),
  ExpandDims: reshape('input'),
  Transpose: transpose,
  Slice: slice,
  StridedSlice: stridedSlice,
  Reverse: reverse,
  SplitV: { reads: 'view', lower: splitV },
  Unpack: { reads: 'view', lower: unpack },
  Tile: { ...tile, reads: 'often' },
  BroadcastTo: { ...broadcastTo, reads: 'often' },
  PadV2: { reads: 'often', lower: pad },
};
