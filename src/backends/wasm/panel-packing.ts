/** Copies of factors in the order in which the tile kernel reads them: for each turn, one value for each lane. */
import type { FunctionBuilder, Local } from '../../wasm/function-builder.js';

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
  const { f, source, destination } = parameters;
  const [from, to] = f.locals(2, 'i32') as [Local, Local];
  f.get(destination).set(to);
  if (source.turnExtents.length === 1) packPlain(parameters, from, to);
  else packNested(parameters, from, to);
  f.release(from, to);
}

function packPlain(parameters: PackPanelParameters, from: Local, to: Local): void {
  const { f, source, lanes, turns, pushOrigin, pushFirstTurn } = parameters;
  const stride = 4 * source.turnStrides[0]!;
  pushOrigin();
  if (pushFirstTurn !== undefined) {
    pushFirstTurn();
    f.i32(stride).op('i32.mul', 'i32.add');
  }
  f.set(from);
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

/** Several reduction axes: coordinates advance like an odometer, and the address with them. */
function packNested(parameters: PackPanelParameters, from: Local, to: Local): void {
  const { f, source, lanes, turns, pushOrigin, pushFirstTurn } = parameters;
  const { turnStrides, turnExtents } = source;
  const coordinates = f.locals(turnExtents.length, 'i32');
  pushOrigin();
  let inner = 1;
  for (let axis = turnExtents.length - 1; axis >= 0; axis--) {
    if (pushFirstTurn === undefined) f.i32(0).set(coordinates[axis]!);
    else {
      pushFirstTurn();
      f.i32(inner).op('i32.div_u').i32(turnExtents[axis]!).op('i32.rem_u').tee(coordinates[axis]!);
      f.i32(4 * turnStrides[axis]!).op('i32.mul', 'i32.add');
    }
    inner *= turnExtents[axis]!;
  }
  f.set(from);
  repeat(f, turns, () => {
    copyTurn(parameters, from, to);
    f.increment(to, 4 * lanes);
    f.block((done) => {
      for (let axis = turnExtents.length - 1; axis >= 0; axis--) {
        const coordinate = coordinates[axis]!;
        f.increment(from, 4 * turnStrides[axis]!);
        f.get(coordinate).i32(1).op('i32.add').tee(coordinate).i32(turnExtents[axis]!).op('i32.lt_u').brIf(done);
        f.i32(0)
          .set(coordinate)
          .increment(from, -4 * turnStrides[axis]! * turnExtents[axis]!);
      }
    });
  });
  f.release(...coordinates);
}
