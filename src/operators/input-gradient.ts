/**
 * The gradient of a convolution's input, which is also the transposed convolution.
 *
 * Input cell i meets window o through tap k where o·stride + k·dilation = i + before. With a stride s, cell
 * i + before = q·s + p meets taps p, p + s, p + 2s, … of windows q, q − 1, q − 2, …: cells of one phase p use every s-th tap.
 * So the fold has ⌈taps/s⌉ turns per axis, over the filter sorted by phases (0 where there is no such tap).
 */
import {
  type F32,
  f32,
  fselect,
  type I32,
  i32,
  iadd,
  iand,
  idivu,
  iltu,
  imul,
  iremu,
  isub,
} from '../expr/expression.js';
import { type Coordinates, elementAt, type LazyTensor, lazyTensor } from '../frontend/lowering/lazy-tensor.js';
import type { ProgramBuilder } from '../frontend/lowering/program-builder.js';
import { sumOfProducts } from './products.js';
import { placeCells, type WindowAxis } from './windows.js';

export interface InputGradientParameters {
  /** [n, …windows, channels]. */
  readonly dy: LazyTensor;
  /** [taps…, c, d]. */
  readonly filter: LazyTensor;
  /** Strides or dilations are 1 on each axis. */
  readonly axes: readonly WindowAxis[];
  /** The channel of `dy` that meets channel c in turn d of `count`. */
  readonly outputChannel: (c: I32, d: I32, count: number) => I32;
  readonly builder: ProgramBuilder;
}

/** One axis, cut into phases. */
interface PhasedAxis extends WindowAxis {
  /** Turns: the taps of one phase, at most. */
  readonly turns: number;
  /** The first q, and how many there are. */
  readonly first: number;
  readonly steps: number;
}

function phased(axis: WindowAxis): PhasedAxis {
  const { input, taps, stride, before } = axis;
  const first = Math.floor(before / stride);
  const steps = Math.floor((input - 1 + before) / stride) - first + 1;
  return { ...axis, turns: Math.ceil(taps / stride), first, steps };
}

/** float32 [n, …input cells, c]. */
export function gradientOfInput(parameters: InputGradientParameters): LazyTensor {
  const { dy, filter, outputChannel, builder } = parameters;
  const axes = parameters.axes.map(phased);
  const count = filter.shape.at(-1)!;
  // Turn t of step q reads window q − (turns − 1 − t)·dilation.
  const placements = axes.map(({ steps, turns, dilation, first }) => {
    return { extent: steps + (turns - 1) * dilation, offset: (turns - 1) * dilation - first };
  });
  const windows = placeCells(dy, placements, f32(0), builder);
  const taps = phasedFilter(filter, axes, builder);
  const shape = [dy.shape[0]!, ...axes.flatMap(({ steps, stride }) => [steps, stride]), filter.shape.at(-2)!];
  const reduction = [...axes.map(({ turns }) => turns), count];
  const sums = sumOfProducts(shape, reduction, [windows, taps], (at, turn) => {
    const [channel, inner] = [at.at(-1)!, turn.at(-1)!];
    const cells = axes.map(({ dilation }, axis) => iadd(at[1 + 2 * axis]!, imul(turn[axis]!, i32(dilation))));
    const phases = axes.map((_, axis) => at[2 + 2 * axis]!);
    return [
      [at[0]!, ...cells, outputChannel(channel, inner, count)],
      [...phases, ...turn, channel],
    ];
  });
  return cellsOfPhases(sums, axes);
}

/** [phases…, turns…, d, c]: the filter's taps backwards and by phases, stored. */
function phasedFilter(filter: LazyTensor, axes: readonly PhasedAxis[], builder: ProgramBuilder): LazyTensor {
  const [c, d] = filter.shape.slice(-2) as [number, number];
  const compute = (at: Coordinates) => {
    const taps = axes.map(({ stride, turns }, axis) => {
      const back = isub(i32(turns - 1), at[axes.length + axis]!);
      return iadd(at[axis]!, imul(back, i32(stride)));
    });
    const element = elementAt(filter, [...taps, at.at(-1)!, at.at(-2)!]) as F32;
    const exist = taps.flatMap((tap, axis) => {
      const { taps: extent, stride } = axes[axis]!;
      return extent % stride === 0 ? [] : [iltu(tap, i32(extent))];
    });
    return exist.length === 0
      ? element
      : fselect(
          exist.reduce((all, one) => iand(all, one)),
          element,
          f32(0),
        );
  };
  const shape = [...axes.map(({ stride }) => stride), ...axes.map(({ turns }) => turns), d, c];
  const sorted = lazyTensor({ shape, dtype: 'float32', kind: 'transpose', inputs: [filter], compute });
  builder.store(sorted);
  return sorted;
}

/** From [n, (step, phase) of each axis, c] to [n, …cells, c]; where nothing is cut off it is the same row-major order. */
function cellsOfPhases(sums: LazyTensor, axes: readonly PhasedAxis[]): LazyTensor {
  const shape = [sums.shape[0]!, ...axes.map(({ input }) => input), sums.shape.at(-1)!];
  const compute = (at: Coordinates) => {
    const cells = axes.flatMap(({ stride, before }, axis) => {
      const cell = iadd(at[axis + 1]!, i32(before % stride));
      return [idivu(cell, i32(stride)), iremu(cell, i32(stride))];
    });
    return elementAt(sums, [at[0]!, ...cells, at.at(-1)!]);
  };
  return lazyTensor({ shape, dtype: 'float32', kind: 'copy', inputs: [sums], compute });
}
