/** Copies of factors in the order in which the tile kernel reads them: for each turn, one value for each lane. */
import type { FunctionBuilder, Local } from '../../wasm/function-builder.js';
import { type OdometerAxis, odometer } from './odometer.js';

export interface PanelSource {
  /** Distance of two lanes, in words. */
  readonly laneStride: number;
  /** Distance of two turns along each reduction axis, in words. */
  readonly turnStrides: readonly number[];
  readonly turnExtents: readonly number[];
}

export interface PackPanelParameters {
  readonly f: FunctionBuilder;
  readonly source: PanelSource;
  readonly lanes: number;
  /** Turns to copy. */
  readonly turns: number;
  /** Address of lane 0 at turn 0 of the whole reduction. */
  readonly pushOrigin: () => void;
  /** Pushes the number of the first turn; undefined for 0. */
  readonly pushFirstTurn: (() => void) | undefined;
  /** A local with the address of the copy; unchanged. */
  readonly destination: Local;
}

/** Emits the copy of one panel of `turns × lanes` words. */
export function emitPackPanel(parameters: PackPanelParameters): void {
  const { f, source, turns, pushOrigin, pushFirstTurn, destination } = parameters;
  const [from, to] = f.locals(2, 'i32') as [Local, Local];
  const axes = source.turnExtents.map((extent, at) => ({ extent, stride: source.turnStrides[at]! }));
  const segment = axes.at(-1)!.extent;
  f.get(destination).set(to);
  pushOrigin();
  f.set(from);
  if (axes.length === 1) {
    const walk = odometer(f, from, axes);
    walk.start(pushFirstTurn);
    walk.release();
    packRun(parameters, { from, to }, turns);
  } else if (turns % segment === 0 && segment >= SHORTEST_RUN) packRuns(parameters, { from, to }, axes);
  else packTurns(parameters, { from, to }, axes);
  f.release(from, to);
}

/** Turns along the last axis, for which a loop of its own pays. */
const SHORTEST_RUN = 4;

interface PackLocals {
  readonly from: Local;
  readonly to: Local;
}

/** Turns at constant distances. Moves both addresses behind them. */
function packRun(parameters: PackPanelParameters, { from, to }: PackLocals, turns: number): void {
  const { f, source, lanes } = parameters;
  const stride = 4 * source.turnStrides.at(-1)!;
  const transposes = stride === 4 && source.laneStride > 1 && lanes % 4 === 0;
  const blocked = transposes ? turns - (turns % 4) : 0;
  if (blocked > 0) {
    repeat(f, blocked / 4, () => {
      for (let lane = 0; lane < lanes; lane += 4) transposeSquare(parameters, from, to, lane);
      f.increment(from, 16).increment(to, 16 * lanes);
    });
  }
  if (turns > blocked) {
    repeat(f, turns - blocked, () => {
      copyTurn(parameters, from, to);
      f.increment(from, stride).increment(to, 4 * lanes);
    });
  }
}

/** Whole runs along the last axis, with an odometer over the others. */
function packRuns(parameters: PackPanelParameters, locals: PackLocals, axes: readonly OdometerAxis[]): void {
  const { f, turns, pushFirstTurn } = parameters;
  const { extent, stride } = axes.at(-1)!;
  const walk = odometer(f, locals.from, axes.slice(0, -1));
  walk.start(
    pushFirstTurn === undefined
      ? undefined
      : () => {
          pushFirstTurn();
          f.i32(extent).op('i32.div_u');
        },
  );
  repeat(f, turns / extent, () => {
    packRun(parameters, locals, extent);
    f.increment(locals.from, -4 * stride * extent);
    walk.advance();
  });
  walk.release();
}

/** Turn by turn, for blocks that begin or end within a run. */
function packTurns(parameters: PackPanelParameters, { from, to }: PackLocals, axes: readonly OdometerAxis[]): void {
  const { f, lanes, turns, pushFirstTurn } = parameters;
  const walk = odometer(f, from, axes);
  walk.start(pushFirstTurn);
  repeat(f, turns, () => {
    copyTurn(parameters, from, to);
    f.increment(to, 4 * lanes);
    walk.advance();
  });
  walk.release();
}

function repeat(f: FunctionBuilder, times: number, body: () => void): void {
  const left = f.local('i32');
  f.i32(times).set(left);
  f.loop((again) => {
    body();
    f.get(left).i32(1).op('i32.sub').tee(left).brIf(again);
  });
  f.release(left);
}

/** Four lanes × four neighbouring turns. */
function transposeSquare({ f, source, lanes }: PackPanelParameters, from: Local, to: Local, lane: number): void {
  const rows = f.locals(4, 'v128') as [Local, Local, Local, Local];
  const [a, b, c, d] = rows;
  rows.forEach((row, at) => {
    f.get(from)
      .mem('v128.load', 4 * source.laneStride * (lane + at))
      .set(row);
  });
  const halves = f.locals(4, 'v128') as [Local, Local, Local, Local];
  f.get(a).get(b).shuffleWords(0, 4, 1, 5).set(halves[0]);
  f.get(c).get(d).shuffleWords(0, 4, 1, 5).set(halves[1]);
  f.get(a).get(b).shuffleWords(2, 6, 3, 7).set(halves[2]);
  f.get(c).get(d).shuffleWords(2, 6, 3, 7).set(halves[3]);
  for (let turn = 0; turn < 4; turn++) {
    const upper = turn < 2 ? 0 : 2;
    f.get(to)
      .get(halves[upper]!)
      .get(halves[upper + 1]!);
    if (turn % 2 === 0) f.shuffleDoubles(0, 2);
    else f.shuffleDoubles(1, 3);
    f.mem('v128.store', 4 * (turn * lanes + lane));
  }
  f.release(...rows, ...halves);
}

/** The lanes of one turn. */
function copyTurn({ f, source, lanes }: PackPanelParameters, from: Local, to: Local): void {
  const { laneStride } = source;
  if (laneStride === 1 && lanes % 4 === 0) {
    for (let lane = 0; lane < lanes; lane += 4)
      f.get(to)
        .get(from)
        .mem('v128.load', 4 * lane)
        .mem('v128.store', 4 * lane);
    return;
  }
  for (let lane = 0; lane < lanes; lane++) {
    const distance = 4 * laneStride * lane;
    f.get(to).get(from);
    if (distance < 0) f.i32(distance).op('i32.add');
    f.mem('i32.load', Math.max(0, distance)).mem('i32.store', 4 * lane);
  }
}
