import type { TensorType } from '../../recording.js';

export interface Shaped {
  readonly shape: number[];
  readonly dtype: TensorType;
}

/**
 * The inputs of kernels under their tfjs names. A kernel is given its own inputs only; reading one that it does not
 * have is a mistake in the table, not in the model.
 */
export interface KernelInputs {
  readonly x: Shaped;
  readonly a: Shaped;
  readonly b: Shaped;
  readonly dy: Shaped;
  readonly input: Shaped;
  readonly value: Shaped;
  readonly logits: Shaped;
  readonly alpha: Shaped;
  readonly filter: Shaped;
  readonly images: Shaped;
  readonly params: Shaped;
  readonly indices: Shaped;
  readonly updates: Shaped;
  readonly condition: Shaped;
  readonly t: Shaped;
  readonly e: Shaped;
}

type Padding = 'valid' | 'same' | number;
type Rounding = 'floor' | 'round' | 'ceil';

/** The attributes of kernels under their tfjs names; as with inputs, each kernel has only its own. */
export interface KernelAttributes {
  readonly axis: number | number[];
  readonly reductionIndices: number | number[];
  readonly keepDims: boolean;
  readonly dtype: TensorType;
  readonly shape: number[];
  readonly value: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly equation: string;
  readonly strides: number | number[];
  readonly pad: Padding;
  readonly dataFormat: 'NHWC' | 'NCHW';
  readonly dilations: number | number[];
  readonly dimRoundingMode: Rounding;
  readonly filterSize: number | number[];
  readonly filterShape: number[];
  readonly inputShape: number[];
  readonly dim: number;
  readonly perm: number[];
  readonly begin: number[];
  readonly end: number[];
  readonly size: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
  readonly paddings: [number, number][];
  readonly reps: number[];
  readonly numOrSizeSplits: number | number[];
  readonly batchDims: number;
  readonly numSegments: number;
  readonly depth: number;
  readonly k: number;
  readonly blockShape: number[];
  readonly blockSize: number;
  readonly crops: number[][];
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly num: number;
  readonly numSamples: number;
}

/** Gives the outputs of a kernel call. Throws a plain Error where the inputs do not fit. */
export type ShapeInference = (inputs: KernelInputs, attributes: KernelAttributes) => Shaped[];

export type ShapeTable = readonly (readonly [kernel: string, infer: ShapeInference])[];

/** One rule for several kernels, named in a space-separated list. */
export function rule(kernels: string, infer: ShapeInference): ShapeTable {
  return kernels
    .split(/\s+/)
    .filter((kernel) => kernel !== '')
    .map((kernel) => [kernel, infer] as const);
}

/** A single output. */
export function one(shape: readonly number[], dtype: TensorType): Shaped[] {
  return [{ shape: shape.slice(), dtype }];
}

/** The inputs of a kernel that takes a list (names '0', '1', …), in order; never empty. */
export function listed(inputs: KernelInputs): [Shaped, ...Shaped[]] {
  return Object.values(inputs) as [Shaped, ...Shaped[]];
}

export function product(sizes: readonly number[]): number {
  return sizes.reduce((accumulated, size) => accumulated * size, 1);
}

/** `sizes[index]`, which has to exist. */
export function sizeAt(sizes: readonly number[], index: number): number {
  const size = sizes[index];
  if (size === undefined) {
    throw new Error(`shape [${sizes}] has no dimension ${index}`);
  }
  return size;
}
