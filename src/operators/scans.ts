/**
 * Running sums and products, and the largest elements of rows.
 *
 * A scan of n elements takes ⌈log2 n⌉ operators: after operator s, element i is the fold of the (up to) 2^(s+1)
 * elements that end at i, the earlier half combined with the later one (Hillis and Steele, "Data parallel algorithms", 1986).
 */
import {
  type Expr,
  type F32,
  f32,
  fadd,
  fbits,
  type I32,
  i32,
  iadd,
  iand,
  ieq,
  ilts,
  ior,
  iselect,
  ishrs,
  isub,
  ixor,
} from '../expr/expression.js';
import {
  type Coordinates,
  elementAt,
  foldTensor,
  type LazyTensor,
  lazyTensor,
} from '../frontend/lowering/lazy-tensor.js';
import { convert } from './elementwise.js';
import {
  axisAttribute,
  flagAttribute,
  input,
  type Kernel,
  type KernelContext,
  type KernelTable,
  output,
} from './kernel.js';
import { type Monoid, orNeutral, productOf, sumOf } from './reductions.js';

interface Scan {
  readonly axis: number;
  readonly extent: number;
  /** True if the running result goes from the last element to the first. */
  readonly reverse: boolean;
  readonly monoid: Monoid;
}

/** The element `distance` places earlier in the scan's direction, or the neutral element where there is none. */
function earlier(x: LazyTensor, { axis, extent, reverse, monoid }: Scan, at: Coordinates, distance: number): Expr {
  const own = at[axis]!;
  const from = reverse ? iadd(own, i32(distance)) : isub(own, i32(distance));
  const exists = reverse ? ilts(from, i32(extent)) : ilts(i32(distance - 1), own);
  return orNeutral(exists, elementAt(x, at.with(axis, from)), monoid.neutral);
}

/** One doubling of what every element has folded up. */
function doubled(x: LazyTensor, scan: Scan, distance: number): LazyTensor {
  const compute = (at: Coordinates): Expr => scan.monoid.combine(earlier(x, scan, at, distance), elementAt(x, at));
  return lazyTensor({ shape: x.shape, dtype: x.dtype, kind: 'scan', inputs: [x], compute });
}

function scan(monoidOf: typeof sumOf): Kernel {
  const lower = (context: KernelContext): LazyTensor => {
    const { dtype, shape } = output(context);
    const given = input(context, 'x');
    const axis = axisAttribute(context, shape.length, 0);
    const steps = { axis, extent: shape[axis]!, reverse: flagAttribute(context, 'reverse'), monoid: monoidOf(dtype) };
    let x = lazyTensor({
      shape,
      dtype,
      inputs: [given],
      compute: (at) => convert(elementAt(given, at), given.dtype, dtype),
    });
    for (let distance = 1; distance < steps.extent; distance *= 2) {
      context.builder.store(x);
      x = doubled(x, steps, distance);
    }
    if (!flagAttribute(context, 'exclusive')) return x;
    context.builder.store(x);
    const compute = (at: Coordinates): Expr => earlier(x, steps, at, 1);
    return lazyTensor({ shape, dtype, kind: 'scan', inputs: [x], compute });
  };
  return { reads: 'often', lower };
}

/** An integer that orders like the value: NaN above all, the zeros equal. */
function orderKey(value: Expr): I32 {
  if (value.dtype !== 'f32') return value as I32;
  const bits = fbits(fadd(value as F32, f32(0)));
  return ixor(bits, iand(ishrs(bits, i32(31)), i32(0x7fffffff)));
}

/** How many elements of the row stand before each one when the largest come first and equals keep their order. Stored. */
function ranks(x: LazyTensor, context: KernelContext): LazyTensor {
  const last = x.shape.length - 1;
  const ranked = foldTensor({
    kind: 'rank',
    dtype: 'int32',
    inputs: [x],
    accumulators: ['i32'],
    fold: {
      shape: x.shape,
      reduction: [x.shape[last]!],
      init: () => [i32(0)],
      update: (at, [other], [count]) => {
        const [own, theirs] = [orderKey(elementAt(x, at)), orderKey(elementAt(x, at.with(last, other!)))];
        const before = ior(ilts(own, theirs), iand(ieq(own, theirs), ilts(other!, at[last]!)));
        return [iadd(count as I32, before)];
      },
    },
  });
  context.builder.store(ranked);
  return ranked;
}

/** The k largest elements of each row, the largest first, and where they stand. */
function topK(context: KernelContext): LazyTensor[] {
  const x = input(context, 'x');
  const { shape, dtype } = output(context);
  const last = shape.length - 1;
  context.builder.store(x);
  const ranked = ranks(x, context);
  const positions = foldTensor({
    kind: 'top-k',
    dtype: 'int32',
    inputs: [ranked],
    accumulators: ['i32'],
    fold: {
      shape,
      reduction: [x.shape[last]!],
      init: () => [i32(0)],
      update: (at, [other], [found]) => {
        const isIt = ieq(elementAt(ranked, at.with(last, other!)) as I32, at[last]!);
        return [iselect(isIt, other!, found as I32)];
      },
    },
  });
  context.builder.store(positions);
  const valueAt = (at: Coordinates): Expr => elementAt(x, at.with(last, elementAt(positions, at) as I32));
  const values = lazyTensor({ shape, dtype, kind: 'gather', inputs: [x, positions], compute: valueAt });
  return [values, positions];
}

export const SCAN_KERNELS: KernelTable = {
  Cumsum: scan(sumOf),
  Cumprod: scan(productOf),
  TopK: { reads: 'often', lower: topK },
};
