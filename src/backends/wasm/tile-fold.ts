import type { FunctionBuilder, Local } from '../../wasm/function-builder.js';
import { distanceToNext, type OdometerAxis, odometer } from './odometer.js';

export interface TileFoldParameters {
  readonly f: FunctionBuilder;
  /** By row, by vector of columns. */
  readonly accumulators: readonly (readonly Local[])[];
  /** At least 1; whole segments. */
  readonly turns: number;
  readonly unrolledTurns: number;
  /** Distances in the left factor, in words. */
  readonly rowStride: number;
  readonly turnStride: number;
  /** Turns through which the left factor walks by `turnStride`; between segments it walks along `axes`. */
  readonly segment: number;
  /** Empty where there is only one segment. */
  readonly axes: readonly OdometerAxis[];
  /** Pushes the number of the first segment; undefined for 0. */
  readonly pushFirstSegment: (() => void) | undefined;
  /** Columns of the packed right panel. */
  readonly width: number;
  /** Pushes the address of the first row in segment 0. */
  readonly pushLeft: () => void;
  /** A local with the address of the right panel; unchanged. */
  readonly right: Local;
}

interface FoldLocals {
  readonly left: Local;
  readonly panel: Local;
  readonly end: Local;
  readonly value: Local;
  readonly columns: readonly Local[];
}

/**
 * Emits `accumulator[i][j] += left[i][k] · right[k][j]` for all turns k in order.
 *
 * V8 sinks arithmetic to the end of a basic block and leaves the loads where they are, so unrolled turns in one block
 * need more registers than there are. Each turn therefore ends in a branch that is never taken, to a place where all
 * accumulators are alive; each branch has a condition of its own, because equal ones would be folded.
 *
 * V8 adds the offset of a splatting load in an instruction of its own. The left address therefore moves on with each
 * turn, so that these offsets are the same in all turns and are added once.
 */
export function emitTileFold(parameters: TileFoldParameters): void {
  const { f, turns, segment, unrolledTurns, width, pushLeft, right } = parameters;
  const [left, panel, end] = f.locals(3, 'i32') as [Local, Local, Local];
  const locals: FoldLocals = { left, panel, end, value: f.local('v128'), columns: f.locals(width / 4, 'v128') };
  pushLeft();
  f.set(left).get(right).set(panel);
  f.block((done) => {
    // No address of a word is odd.
    let impossible = 1;
    const turnsInOrder = (count: number): void => {
      for (let turn = 0; turn < count; turn++) {
        emitTurn(parameters, locals, turn);
        f.increment(left, 4 * parameters.turnStride);
        f.get(left).i32(impossible).op('i32.eq').brIf(done);
        impossible += 2;
      }
    };
    const atStart = parameters.pushFirstSegment === undefined;
    if (turns === segment && atStart) emitSegment(parameters, locals, turnsInOrder);
    else if (turns <= 2 * unrolledTurns && atStart) emitShortSegments(parameters, locals, turnsInOrder);
    else emitSegments(parameters, locals, turnsInOrder);
  });
  f.release(left, panel, end, locals.value, ...locals.columns);
}

/** All turns of a segment; leaves the addresses behind it. */
function emitSegment(
  { f, segment, unrolledTurns, width }: TileFoldParameters,
  { panel, end }: FoldLocals,
  turnsInOrder: (count: number) => void,
): void {
  const unrolled = Math.min(unrolledTurns, segment);
  const rest = segment % unrolled;
  const loops = (segment - rest) / unrolled;
  const passUnrolled = (): void => {
    turnsInOrder(unrolled);
    f.increment(panel, 4 * width * unrolled);
  };
  if (loops === 1) passUnrolled();
  else {
    f.get(panel)
      .i32(4 * width * (segment - rest))
      .op('i32.add')
      .set(end);
    f.loop((again) => {
      passUnrolled();
      f.get(panel).get(end).op('i32.ne').brIf(again);
    });
  }
  if (rest === 0) return;
  turnsInOrder(rest);
  f.increment(panel, 4 * width * rest);
}

/** A few short segments, one after the other; they begin with segment 0. */
function emitShortSegments(
  parameters: TileFoldParameters,
  locals: FoldLocals,
  turnsInOrder: (count: number) => void,
): void {
  const { f, turns, segment, turnStride, axes } = parameters;
  for (let at = 0; at < turns / segment; at++) {
    if (at > 0) f.increment(locals.left, 4 * (distanceToNext(axes, at - 1) - segment * turnStride));
    emitSegment(parameters, locals, turnsInOrder);
  }
}

function emitSegments(parameters: TileFoldParameters, locals: FoldLocals, turnsInOrder: (count: number) => void): void {
  const { f, turns, segment, turnStride, axes, pushFirstSegment } = parameters;
  const walk = odometer(f, locals.left, axes);
  const remaining = f.local('i32');
  walk.start(pushFirstSegment);
  f.i32(turns / segment).set(remaining);
  f.loop((again) => {
    emitSegment(parameters, locals, turnsInOrder);
    f.increment(locals.left, -4 * segment * turnStride);
    walk.advance();
    f.get(remaining).i32(1).op('i32.sub').tee(remaining).brIf(again);
  });
  f.release(remaining);
  walk.release();
}

function emitTurn(
  { f, accumulators, rowStride, width }: TileFoldParameters,
  { left, panel, value, columns }: FoldLocals,
  turn: number,
): void {
  columns.forEach((column, vector) => {
    f.get(panel)
      .mem('v128.load', 4 * (turn * width + 4 * vector))
      .set(column);
  });
  accumulators.forEach((row, at) => {
    f.get(left)
      .mem('v128.load32_splat', 4 * at * rowStride)
      .set(value);
    row.forEach((accumulator, vector) => {
      f.get(accumulator).get(value).get(columns[vector]!).op('f32x4.mul', 'f32x4.add').set(accumulator);
    });
  });
}
