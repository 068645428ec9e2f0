import { tf } from '../load-tfjs.js';
import {
  type KernelAttributes,
  type KernelInputs,
  listed,
  one,
  product,
  rule,
  type Shaped,
  type ShapeTable,
  sizeAt,
} from './kernel-signature.js';

const { backend_util: geometry, slice_util: slices, util } = tf;

function oneAxis(axis: number | number[], shape: number[]): number {
  return util.parseAxisParam(axis, shape)[0] ?? 0;
}

/** The shape with a dimension of `size` put in at `axis`, which counts from the end when negative. */
function insertDimension(shape: readonly number[], axis: number, size: number): number[] {
  return shape.toSpliced(axis < 0 ? shape.length + axis + 1 : axis, 0, size);
}

function unpack({ value }: KernelInputs, { axis }: KernelAttributes): Shaped[] {
  const at = oneAxis(axis, value.shape);
  const shape = value.shape.toSpliced(at, 1);
  return Array.from({ length: sizeAt(value.shape, at) }, () => ({ shape: shape.slice(), dtype: value.dtype }));
}

function split({ x }: KernelInputs, { numOrSizeSplits, axis }: KernelAttributes): Shaped[] {
  const at = oneAxis(axis, x.shape);
  const sizes = geometry.prepareSplitSize(x as never, numOrSizeSplits, at);
  return sizes.map((size) => ({ shape: x.shape.with(at, size), dtype: x.dtype }));
}

function spaceToBatch({ x }: KernelInputs, { blockShape, paddings }: KernelAttributes): Shaped[] {
  const shape = x.shape.with(0, sizeAt(x.shape, 0) * product(blockShape));
  for (const [index, block] of blockShape.entries()) {
    const [before, after] = paddings[index] ?? [0, 0];
    shape[index + 1] = (sizeAt(x.shape, index + 1) + before + after) / block;
  }
  return one(shape, x.dtype);
}

function batchToSpace({ x }: KernelInputs, { blockShape, crops }: KernelAttributes): Shaped[] {
  const shape = x.shape.with(0, sizeAt(x.shape, 0) / product(blockShape));
  for (const [index, block] of blockShape.entries()) {
    const [before = 0, after = 0] = crops[index] ?? [];
    shape[index + 1] = sizeAt(x.shape, index + 1) * block - before - after;
  }
  return one(shape, x.dtype);
}

function stridedSlice({ x }: KernelInputs, attributes: KernelAttributes): Shaped[] {
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes;
  const found = slices.sliceInfo(
    x.shape,
    begin,
    end,
    strides as number[],
    beginMask,
    endMask,
    ellipsisMask,
    newAxisMask,
    shrinkAxisMask,
  );
  return one(found.finalShape, x.dtype);
}

function gather({ x, indices }: KernelInputs, { axis, batchDims }: KernelAttributes): Shaped[] {
  const found = geometry.segment_util.collectGatherOpShapeInfo(
    x as never,
    indices as never,
    oneAxis(axis, x.shape),
    batchDims ?? 0,
  );
  return one(found.outputShape, x.dtype);
}

/** Kernels that move, repeat, cut or join elements. */
export const MOVEMENT_SHAPES: ShapeTable = [
  ...rule('Reshape', ({ x }, { shape }) => one(util.inferFromImplicitShape(shape, product(x.shape)), x.dtype)),
  ...rule('ExpandDims', ({ input }, { dim }) => one(insertDimension(input.shape, dim, 1), input.dtype)),
  ...rule('Transpose', ({ x }, { perm }) =>
    one(
      perm.map((from) => sizeAt(x.shape, from)),
      x.dtype,
    ),
  ),
  ...rule('Slice', ({ x }, { begin, size }) => one(slices.parseSliceParams(x as never, begin, size)[1] ?? [], x.dtype)),
  ...rule('StridedSlice', stridedSlice),
  ...rule('PadV2 MirrorPad', ({ x }, { paddings }) =>
    one(
      x.shape.map((size, index) => size + (paddings[index]?.[0] ?? 0) + (paddings[index]?.[1] ?? 0)),
      x.dtype,
    ),
  ),
  ...rule('Tile', ({ x }, { reps }) =>
    one(
      x.shape.map((size, index) => size * (reps[index] ?? 1)),
      x.dtype,
    ),
  ),
  ...rule('BroadcastTo', ({ x }, { shape }) => one(shape, x.dtype)),
  ...rule('Concat', (inputs, { axis }) => {
    const parts = listed(inputs);
    const shapes = parts.map((part) => part.shape);
    return one(geometry.computeOutShape(shapes, oneAxis(axis, parts[0].shape)), parts[0].dtype);
  }),
  ...rule('Pack', (inputs, { axis }) => {
    const parts = listed(inputs);
    return one(insertDimension(parts[0].shape, axis as number, parts.length), parts[0].dtype);
  }),
  ...rule('Unpack', unpack),
  ...rule('SplitV', split),
  ...rule('GatherV2', gather),
  ...rule('UnsortedSegmentSum', ({ x }, { numSegments }) => one([numSegments, ...x.shape.slice(1)], x.dtype)),
  ...rule('ScatterNd', ({ updates }, { shape }) => one(shape, updates.dtype)),
  ...rule('GatherNd', ({ params, indices }) => {
    const depth = sizeAt(indices.shape, indices.shape.length - 1);
    return one([...indices.shape.slice(0, -1), ...params.shape.slice(depth)], params.dtype);
  }),
  ...rule('DepthToSpace', ({ x }, { blockSize }) => {
    const [batch, rows, columns, channels] = x.shape as [number, number, number, number];
    return one([batch, rows * blockSize, columns * blockSize, channels / (blockSize * blockSize)], x.dtype);
  }),
  ...rule('OneHot', ({ indices }, { depth, dtype }) => one([...indices.shape, depth], dtype)),
  ...rule('TopK', ({ x }, { k }) => {
    const shape = [...x.shape.slice(0, -1), k];
    return [...one(shape, x.dtype), ...one(shape, 'int32')];
  }),
  ...rule('SpaceToBatchND', spaceToBatch),
  ...rule('BatchToSpaceND', batchToSpace),
];
