import type { FunctionBuilder, Local } from '../../wasm/function-builder.js';

export interface TileFoldParameters {
  readonly f: FunctionBuilder;
  /** By row, by vector of columns. */
  readonly accumulators: readonly (readonly Local[])[];
  /** At least 1. */
  readonly turns: number;
  readonly unrolledTurns: number;
  /** Distances in the left factor, in words. */
  readonly rowStride: number;
  readonly turnStride: number;
  /** Columns of the packed right panel. */
  readonly width: number;
  readonly pushLeft: () => void;
  /** A local with the address of the right panel; unchanged. */
  readonly right: Local;
}

/**
 * Emits `accumulator[i][j] += left[i][k] · right[k][j]` for all turns k in order.
 *
 * V8 sinks arithmetic to the end of a basic block and leaves the loads where they are, so unrolled turns in one block
 * need more registers than there are. Each turn therefore ends in a branch that is never taken, to a place where all
 * accumulators are alive; each branch has a condition of its own, because equal ones would be folded.
 */
export function emitTileFold(parameters: TileFoldParameters): void {
  const { f, turns, turnStride, width, pushLeft, right } = parameters;
  const [left, panel, end] = f.locals(3, 'i32') as [Local, Local, Local];
  const value = f.local('v128');
  const columns = f.locals(width / 4, 'v128');
  pushLeft();
  f.set(left).get(right).set(panel);
  const unrolled = Math.min(parameters.unrolledTurns, turns);
  const rest = turns % unrolled;
  let impossible = 1;
  f.block((done) => {
    const turnsInOrder = (count: number): void => {
      for (let turn = 0; turn < count; turn++) {
        emitTurn(parameters, { left, panel, value, columns }, turn);
        if (turn < count - 1) f.get(left).i32(impossible++).op('i32.eq').brIf(done);
      }
    };
    f.get(panel)
      .i32(4 * width * (turns - rest))
      .op('i32.add')
      .set(end);
    f.loop((again) => {
      turnsInOrder(unrolled);
      f.increment(left, 4 * turnStride * unrolled);
      f.get(panel)
        .i32(4 * width * unrolled)
        .op('i32.add')
        .tee(panel)
        .get(end)
        .op('i32.ne')
        .brIf(again);
    });
    turnsInOrder(rest);
  });
  f.release(left, panel, end, value, ...columns);
}

function emitTurn(
  { f, accumulators, rowStride, turnStride, width }: TileFoldParameters,
  locals: { readonly left: Local; readonly panel: Local; readonly value: Local; readonly columns: readonly Local[] },
  turn: number,
): void {
  const { left, panel, value, columns } = locals;
  columns.forEach((column, vector) => {
    f.get(panel)
      .mem('v128.load', 4 * (turn * width + 4 * vector))
      .set(column);
  });
  accumulators.forEach((row, at) => {
    f.get(left)
      .mem('v128.load32_splat', 4 * (at * rowStride + turn * turnStride))
      .set(value);
    row.forEach((accumulator, vector) => {
      f.get(accumulator).get(value).get(columns[vector]!).op('f32x4.mul', 'f32x4.add').set(accumulator);
    });
  });
}
