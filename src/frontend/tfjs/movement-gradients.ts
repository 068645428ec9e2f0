/** Gradients of kernels that move or scan elements, where tfjs has none or a wrong one. */
import { type Tensor, tf } from './load-tfjs.js';

type GradientConfiguration = Parameters<typeof tf.registerGradient>[0];
type GradientFunction = GradientConfiguration['gradFunc'];

/** The part of one axis, from `begin` on. */
function part(x: Tensor, axis: number, begin: number, size: number): Tensor {
  const from = x.shape.map((_, dimension) => (dimension === axis ? begin : 0));
  return tf.slice(x, from, x.shape.with(axis, size));
}

/** Puts a tensor among zeros along one axis. */
function among(x: Tensor, axis: number, before: number, after: number): Tensor {
  return tf.pad(
    x,
    x.shape.map((_, dimension): [number, number] => (dimension === axis ? [before, after] : [0, 0])),
  );
}

/** A mirrored cell counts for the cell that it repeats; tfjs leaves it out. */
const mirrorPadGradient: GradientFunction = (given, saved, attributes) => {
  const [x] = saved as [Tensor];
  const { paddings, mode } = attributes as unknown as { paddings: [number, number][]; mode: string };
  const shift = mode === 'symmetric' ? 0 : 1;
  const fold = (dy: Tensor, axis: number): Tensor => {
    const [before, after] = paddings[axis] ?? [0, 0];
    const size = x.shape[axis] ?? 1;
    let sum = part(dy, axis, before, size);
    if (before > 0) {
      const mirrored = tf.reverse(part(dy, axis, 0, before), axis);
      sum = tf.add(sum, among(mirrored, axis, shift, size - before - shift));
    }
    if (after > 0) {
      const mirrored = tf.reverse(part(dy, axis, before + size, after), axis);
      sum = tf.add(sum, among(mirrored, axis, size - after - shift, shift));
    }
    return sum;
  };
  return { x: () => x.shape.reduce((dy, _, axis) => fold(dy, axis), given as Tensor) };
};

/** The running sum the other way round. tfjs transposes the result where the axis is not the last one. */
const cumsumGradient: GradientFunction = (dy, _saved, attributes) => {
  const { axis, exclusive, reverse } = attributes as unknown as { axis: number; exclusive: boolean; reverse: boolean };
  return { x: () => tf.cumsum(dy as Tensor, axis, exclusive, !reverse) };
};

/** The inverse move, from blocks of cells into channels. */
const depthToSpaceGradient: GradientFunction = (dy, saved, attributes) => {
  const [x] = saved as [Tensor];
  const [batch, rows, columns, channels] = x.shape as [number, number, number, number];
  const block = Number((attributes as Record<string, unknown>)['blockSize']);
  return {
    x: () => {
      const blocks = tf.reshape(dy as Tensor, [batch, rows, block, columns, block, channels / (block * block)]);
      return tf.reshape(tf.transpose(blocks, [0, 1, 3, 2, 4, 5]), x.shape);
    },
  };
};

const gatherNdGradient: GradientFunction = (dy, saved) => {
  const [params, indices] = saved as [Tensor, Tensor];
  return { params: () => tf.scatterND(indices, dy as Tensor, params.shape as never), indices: () => indices };
};

const scatterNdGradient: GradientFunction = (dy, saved) => {
  const [indices] = saved as [Tensor];
  return { updates: () => tf.gatherND(dy as Tensor, indices), indices: () => indices };
};

/** Each chosen value counts for the element it was chosen from. */
const topKGradient: GradientFunction = (given, saved) => {
  const [x, indices] = saved as [Tensor, Tensor];
  const [dy] = given as Tensor[];
  return {
    x: () => {
      const size = x.shape.at(-1) ?? 1;
      const chosen = tf.cast(tf.oneHot(indices, size), 'float32');
      return tf.sum(tf.mul(tf.expandDims(dy as Tensor, -1), chosen), -2);
    },
  };
};

export const MOVEMENT_GRADIENTS: readonly GradientConfiguration[] = [
  { kernelName: 'MirrorPad', inputsToSave: ['x'], gradFunc: mirrorPadGradient },
  { kernelName: 'Cumsum', inputsToSave: ['x'], gradFunc: cumsumGradient },
  { kernelName: 'DepthToSpace', inputsToSave: ['x'], gradFunc: depthToSpaceGradient },
  { kernelName: 'GatherNd', inputsToSave: ['params', 'indices'], gradFunc: gatherNdGradient },
  { kernelName: 'ScatterNd', inputsToSave: ['indices'], gradFunc: scatterNdGradient },
  { kernelName: 'TopK', inputsToSave: ['x'], outputsToSave: [false, true], gradFunc: topKGradient },
];
