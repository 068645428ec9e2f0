/** Convolutions and their gradients as tensor expressions over inputs that already contain their padding. */
import {
  acc,
  f32,
  fadd,
  fmul,
  type I32,
  i32,
  iadd,
  imul,
  index,
  load,
  reduceIndex,
  result,
} from '../../src/expr/expression.js';
import { defineOperator, type Operator, product, stridesOf } from '../../src/expr/operator.js';

export interface ConvolutionShape {
  readonly batch: number;
  /** Height and width of what comes out. */
  readonly outputs: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly channels: number;
  readonly filters: number;
}

/** Height and width of the padded input: exactly what the outputs read. */
function inputExtents({ outputs, kernel, strides, dilations }: ConvolutionShape): [number, number] {
  const extent = (axis: 0 | 1): number =>
    (outputs[axis] - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1;
  return [extent(0), extent(1)];
}

const sumOf = (terms: readonly (readonly [I32, number])[], start = 0): I32 =>
  terms.reduce<I32>((sum, [coordinate, stride]) => iadd(sum, imul(coordinate, i32(stride))), i32(start));

const element = (at: readonly I32[], shape: readonly number[]): I32 =>
  sumOf(at.map((coordinate, axis) => [coordinate, stridesOf(shape)[axis]!] as const));

interface ProductSum {
  readonly domain: readonly number[];
  readonly reduction: readonly number[];
  readonly words: readonly [number, number];
  readonly left: I32;
  readonly right: I32;
  readonly biased?: boolean;
}

function productSum({ domain, reduction, words, left, right, biased = false }: ProductSum): Operator {
  const last = domain.length - 1;
  const sum = result(0, 'f32');
  return defineOperator({
    kind: 'conv',
    domain,
    reduction,
    operands: [...words, domain[last]!].map((length) => ({ dtype: 'f32', words: length })),
    init: [f32(0)],
    update: [fadd(acc(0, 'f32'), fmul(load(0, left, 'f32'), load(1, right, 'f32')))],
    finish: biased ? fadd(sum, load(2, index(last), 'f32')) : sum,
  });
}

/** `out[n, y, x, f] = bias[f] + Σ (ky, kx, c) in[n, y·s + ky·d, x·s + kx·d, c] · w[ky, kx, c, f]` */
export function convolution(shape: ConvolutionShape): Operator {
  const { batch, outputs, kernel, strides, dilations, channels, filters } = shape;
  const [n, y, x, f, ky, kx, c] = [...[0, 1, 2, 3].map(index), ...[0, 1, 2].map(reduceIndex)] as I32[];
  const image = [batch, ...inputExtents(shape), channels];
  const weights = [...kernel, channels, filters];
  const seen = [y!, x!].map((at, axis) =>
    sumOf([
      [at, strides[axis]!],
      [[ky!, kx!][axis]!, dilations[axis]!],
    ]),
  );
  return productSum({
    domain: [batch, ...outputs, filters],
    reduction: [...kernel, channels],
    words: [product(image), product(weights)],
    left: element([n!, ...seen, c!], image),
    right: element([ky!, kx!, c!, f!], weights),
    biased: true,
  });
}

/** The input gradient for strides of 1: the padded output gradient with the filter turned around. */
export function inputGradient(shape: ConvolutionShape): Operator {
  const { batch, outputs, kernel, dilations, channels, filters } = shape;
  const [n, y, x, c, ky, kx, f] = [...[0, 1, 2, 3].map(index), ...[0, 1, 2].map(reduceIndex)] as I32[];
  const padded = [batch, ...inputExtents(shape), filters];
  const weights = [...kernel, channels, filters];
  const seen = [y!, x!].map((at, axis) =>
    sumOf([
      [at, 1],
      [[ky!, kx!][axis]!, dilations[axis]!],
    ]),
  );
  const turned = [ky!, kx!].map((at, axis) => sumOf([[at, -1]], kernel[axis]! - 1));
  return productSum({
    domain: [batch, ...outputs, channels],
    reduction: [...kernel, filters],
    words: [product(padded), product(weights)],
    left: element([n!, ...seen, f!], padded),
    right: element([...turned, c!, f!], weights),
  });
}

/** `dw[ky, kx, c, f] = Σ (n, y, x) in[n, y·s + ky·d, x·s + kx·d, c] · dy[n, y, x, f]` */
export function filterGradient(shape: ConvolutionShape): Operator {
  const { batch, outputs, kernel, strides, dilations, channels, filters } = shape;
  const [ky, kx, c, f, n, y, x] = [...[0, 1, 2, 3].map(index), ...[0, 1, 2].map(reduceIndex)] as I32[];
  const image = [batch, ...inputExtents(shape), channels];
  const errors = [batch, ...outputs, filters];
  const seen = [y!, x!].map((at, axis) =>
    sumOf([
      [at, strides[axis]!],
      [[ky!, kx!][axis]!, dilations[axis]!],
    ]),
  );
  return productSum({
    domain: [...kernel, channels, filters],
    reduction: [batch, ...outputs],
    words: [product(image), product(errors)],
    left: element([n!, ...seen, c!], image),
    right: element([n!, y!, x!, f!], errors),
  });
}
