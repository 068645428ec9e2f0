/** What is measured on both sides of a comparison. */

/** The model of the training comparison: dense layers with relu between them, softmax cross-entropy, Adam. */
export const MLP = { widths: [784, 256, 128, 10], batchSize: 64, learningRate: 0.001 } as const;

/** Images of `fixtures/data`, 16 and 32 filters of 3×3 with pooling, 64 hidden units; see `models/cnn.ts`. */
export const CNN = { batchSize: 32, learningRate: 0.001, classes: 10 } as const;

/** See `models/transformer.ts`. The vocabulary is that of the text in `fixtures/data`. */
export const TRANSFORMER = {
  ...{ tokens: 64, width: 128, heads: 4, vocabulary: 70, blocks: 2 },
  ...{ batchSize: 8, learningRate: 0.001 },
} as const;

export interface MatmulCase {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Rows × columns × inner extent. */
const SHAPES: readonly (readonly [number, number, number])[] = [
  [96, 96, 96],
  [192, 192, 192],
  [384, 384, 384],
  [768, 768, 768],
  [96, 512, 784],
  [64, 256, 784],
  [512, 512, 128],
  [2048, 64, 512],
];

const FORMS = [
  { form: 'A·B', transposeA: false, transposeB: false },
  { form: 'A·Bᵀ', transposeA: false, transposeB: true },
  { form: 'Aᵀ·B', transposeA: true, transposeB: false },
] as const;

export const MATMUL_CASES: readonly MatmulCase[] = SHAPES.flatMap(([rows, columns, inner]) =>
  FORMS.map(({ form, ...transposes }) => ({
    name: `${rows}×${columns}×${inner} ${form}`,
    rows,
    columns,
    inner,
    ...transposes,
  })),
);

/** Shapes of the two operands as they lie in memory. */
export function operandShapes(given: MatmulCase): readonly [a: [number, number], b: [number, number]] {
  const { rows, columns, inner, transposeA, transposeB } = given;
  return [transposeA ? [inner, rows] : [rows, inner], transposeB ? [columns, inner] : [inner, columns]];
}

export function matmulCase(name: string): MatmulCase {
  const found = MATMUL_CASES.find((given) => given.name === name);
  if (found === undefined) throw new Error(`no matmul case ${name}`);
  return found;
}

/** Multiplications and additions of a product, in units of 10⁹. */
export function gigaOperations({ rows, columns, inner }: MatmulCase): number {
  return (2 * rows * columns * inner) / 1e9;
}

export type ConvolutionForm = 'forward' | 'input gradient' | 'filter gradient';

export interface ConvolutionCase {
  readonly name: string;
  readonly form: ConvolutionForm;
  /** Height and width of images and outputs. */
  readonly size: number;
  readonly channels: number;
  readonly filters: number;
}

/** Size, channels, filters. All 3×3, padded so that the size stays, 32 images. */
const CONVOLUTIONS: readonly (readonly [number, number, number])[] = [
  [28, 16, 32],
  [14, 32, 64],
  [28, 1, 16],
];

export const CONVOLUTION = { batch: 32, kernel: 3 } as const;

export const CONVOLUTION_CASES: readonly ConvolutionCase[] = CONVOLUTIONS.flatMap(([size, channels, filters]) =>
  (['forward', 'input gradient', 'filter gradient'] as const).map((form) => ({
    name: `${size}×${size}×${channels}→${filters} ${form}`,
    ...{ form, size, channels, filters },
  })),
);

export function convolutionCase(name: string): ConvolutionCase {
  const found = CONVOLUTION_CASES.find((given) => given.name === name);
  if (found === undefined) throw new Error(`no convolution case ${name}`);
  return found;
}

/** Shapes of images, filters and output gradients. */
export function convolutionShapes({ size, channels, filters }: ConvolutionCase): {
  readonly images: [number, number, number, number];
  readonly filter: [number, number, number, number];
  readonly errors: [number, number, number, number];
} {
  const { batch, kernel } = CONVOLUTION;
  return {
    images: [batch, size, size, channels],
    filter: [kernel, kernel, channels, filters],
    errors: [batch, size, size, filters],
  };
}

/** Multiplications and additions of a convolution or of one of its gradients, in units of 10⁹; padding counts. */
export function gigaConvolution({ size, channels, filters }: ConvolutionCase): number {
  const { batch, kernel } = CONVOLUTION;
  return (2 * batch * size ** 2 * kernel ** 2 * channels * filters) / 1e9;
}

export const HASHED_BYTES = 64 * 2 ** 20;

/** Numbers in [-1, 1), the same every time: no speed here depends on them, but zeros and subnormals would be special. */
export function numbers(length: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}
