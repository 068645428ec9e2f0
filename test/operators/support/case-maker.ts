/** What a differential test of kernels is made of, and random tensors and choices for them. */
import type { Tensor } from '../../../src/frontend/tfjs/load-tfjs.js';
import type { TestTensor } from '../../lowering/support/run-kernel.js';

type Compute = (...inputs: Tensor[]) => Tensor;

/** A function of tensors whose kernels are compared with tfjs, and whose gradient is. */
export interface KernelCase {
  readonly title: string;
  readonly inputs: readonly TestTensor[];
  readonly compute: Compute;
  /** The same function by kernels that tfjs computes (or differentiates) correctly, where it does not do `compute`. */
  readonly expected?: Compute;
  /** The inputs to differentiate by: all that are float32, unless given. */
  readonly variables?: readonly number[];
  /** The largest difference, relative to the larger of 1 and the value; 2e-5 unless given. */
  readonly tolerance?: number;
}

/** Random numbers, the same for the same seed. */
export class CaseMaker {
  #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** A number from 0 to `count` − 1. */
  below(count: number): number {
    return Math.floor(this.#uniform() * count);
  }

  /** In [0, 1): a counter through the mixer of MurmurHash3. */
  #uniform(): number {
    this.#seed = (this.#seed + 0x9e3779b9) | 0;
    let mixed = Math.imul(this.#seed ^ (this.#seed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 8) * 2 ** -24;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  /** A float32 tensor with values in [offset − scale, offset + scale). */
  floats(shape: readonly number[], scale = 1, offset = 0): TestTensor {
    const size = shape.reduce((total, extent) => total * extent, 1);
    const values = Array.from({ length: size }, () => Math.fround((2 * this.#uniform() - 1) * scale + offset));
    return { shape, dtype: 'float32', values };
  }

  /** An int32 tensor with values from 0 to `count` − 1. */
  integers(shape: readonly number[], count: number): TestTensor {
    const values = this.floats(shape).values.map((value) => Math.min(count - 1, Math.floor(((value + 1) / 2) * count)));
    return { shape, dtype: 'int32', values };
  }

  times<Item>(count: number, make: (at: number) => Item): Item[] {
    return Array.from({ length: count }, (_, at) => make(at));
  }
}
