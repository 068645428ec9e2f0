import type { FunctionBuilder, Local } from '../../wasm/function-builder.js';

/** A coordinate that an address walks along. */
export interface OdometerAxis {
  readonly extent: number;
  /** Distance of two neighbours, in words. */
  readonly stride: number;
}

/** An address that walks over several axes in row-major order, the last axis fastest. */
export interface Odometer {
  /** Sets the coordinates and moves the address, which must be that of position 0, to a position (0 where undefined). */
  start(pushPosition: (() => void) | undefined): void;
  /** Moves the address to the next position. Behind the last position it means nothing. */
  advance(): void;
  release(): void;
}

/** Emits the steps of an odometer. The first axis never turns over, so it needs no coordinate. */
export function odometer(f: FunctionBuilder, address: Local, axes: readonly OdometerAxis[]): Odometer {
  const coordinates = f.locals(axes.length - 1, 'i32');
  const start = (pushPosition: (() => void) | undefined): void => {
    let inner = 1;
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      const { extent, stride } = axes[axis]!;
      const coordinate = coordinates[axis - 1];
      if (pushPosition === undefined) {
        if (coordinate !== undefined) f.i32(0).set(coordinate);
        continue;
      }
      f.get(address);
      pushPosition();
      f.i32(inner).op('i32.div_u');
      if (coordinate !== undefined) f.i32(extent).op('i32.rem_u').tee(coordinate);
      f.i32(4 * stride)
        .op('i32.mul', 'i32.add')
        .set(address);
      inner *= extent;
    }
  };
  const advance = (): void => {
    f.block((done) => {
      for (let axis = axes.length - 1; axis > 0; axis--) {
        const { extent, stride } = axes[axis]!;
        const coordinate = coordinates[axis - 1]!;
        f.increment(address, 4 * stride);
        f.get(coordinate).i32(1).op('i32.add').tee(coordinate).i32(extent).op('i32.lt_u').brIf(done);
        f.i32(0)
          .set(coordinate)
          .increment(address, -4 * stride * extent);
      }
      f.increment(address, 4 * axes[0]!.stride);
    });
  };
  return { start, advance, release: () => f.release(...coordinates) };
}

/** The words by which an address moves from a position to the next one. */
export function distanceToNext(axes: readonly OdometerAxis[], position: number): number {
  let distance = 0;
  let rest = position;
  for (let axis = axes.length - 1; axis > 0; axis--) {
    const { extent, stride } = axes[axis]!;
    if (rest % extent < extent - 1) return distance + stride;
    distance -= stride * (extent - 1);
    rest = Math.floor(rest / extent);
  }
  return distance + axes[0]!.stride;
}
