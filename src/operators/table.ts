/** Every kernel that can be lowered. A new family of kernels is a file and a line here. */
import { BINARY_KERNELS } from './binary.js';
import { CONVOLUTION_KERNELS } from './convolution.js';
import { EINSUM_KERNELS } from './einsum.js';
import { GATHER_KERNELS } from './gather.js';
import { INITIALIZER_KERNELS } from './initializers.js';
import { JOIN_KERNELS } from './joins.js';
import type { Kernel, KernelTable } from './kernel.js';
import { MATMUL_KERNELS } from './matmul.js';
import { MOVEMENT_KERNELS } from './movement.js';
import { NORMALISATION_KERNELS } from './normalisation.js';
import { POOLING_KERNELS } from './pooling.js';
import { REDUCTION_KERNELS } from './reductions.js';
import { RESIZE_KERNELS } from './resize.js';
import { SCAN_KERNELS } from './scans.js';
import { SOFTMAX_KERNELS } from './softmax.js';
import { SOURCE_KERNELS } from './sources.js';
import { UNARY_KERNELS } from './unary.js';
import { VIEW_KERNELS } from './views.js';

const KERNELS: KernelTable = {
  ...UNARY_KERNELS,
  ...BINARY_KERNELS,
  ...MATMUL_KERNELS,
  ...REDUCTION_KERNELS,
  ...SOFTMAX_KERNELS,
  ...NORMALISATION_KERNELS,
  ...VIEW_KERNELS,
  ...JOIN_KERNELS,
  ...GATHER_KERNELS,
  ...SOURCE_KERNELS,
  ...CONVOLUTION_KERNELS,
  ...EINSUM_KERNELS,
  ...MOVEMENT_KERNELS,
  ...POOLING_KERNELS,
  ...RESIZE_KERNELS,
  ...SCAN_KERNELS,
  ...INITIALIZER_KERNELS,
};

/** The lowering of a kernel, if there is one. */
export function kernelOf(name: string): Kernel | undefined {
  return Object.hasOwn(KERNELS, name) ? KERNELS[name] : undefined;
}

/** The names of all kernels that can be lowered, sorted. */
export function supportedKernels(): string[] {
  return Object.keys(KERNELS).sort();
}
