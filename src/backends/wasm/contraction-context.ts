import { product } from '../../expr/operator.js';
import type { FunctionBuilder, Local } from '../../wasm/function-builder.js';
import type { Contraction, Factor } from '../plan/contraction.js';
import type { KernelBody } from '../plan/kernel-body.js';
import type { ContractionSchedule } from './contraction-schedule.js';
import type { NodeEmitter } from './node-emitter.js';

/** What the parts of a contraction kernel share while it is emitted. */
export interface ContractionContext {
  readonly f: FunctionBuilder;
  readonly body: KernelBody;
  readonly contraction: Contraction;
  readonly schedule: ContractionSchedule;
  readonly emitter: NodeEmitter;
  readonly index: readonly Local[];
  readonly scratch: Local;
  /** The kernel's parameters: where the operands and the output begin. */
  readonly operands: readonly Local[];
  readonly outputStart: Local;
  /** Addresses for row 0, column 0, turn 0 of the current span. */
  readonly leftOrigin: Local;
  readonly rightOrigin: Local;
  readonly output: Local;
  /** Positions along the span axes; unused where there are none. */
  readonly firstSpan: Local;
  readonly endSpan: Local;
  readonly span: Local;
  readonly firstRow: Local;
  readonly endRow: Local;
  readonly firstPanel: Local;
  readonly endPanel: Local;
  readonly panel: Local;
  /** First row and column of the current tile. */
  readonly row: Local;
  readonly column: Local;
  /** The row at which the tile would begin if the last ones did not overlap. */
  readonly rowAt: Local;
  /** Address of the tile's partial sums. */
  readonly sums: Local;
  readonly firstTurn: Local;
}

/** Sets the coordinates of some axes from a position among them, which is used up. */
export function setCoordinates({ f, body, index }: ContractionContext, axes: readonly number[], position: Local): void {
  for (const axis of [...axes].reverse()) {
    f.get(position).i32(body.domain[axis]!).op('i32.rem_u').set(index[axis]!);
    f.get(position).i32(body.domain[axis]!).op('i32.div_u').set(position);
  }
}

/** Sets the address of a factor at the current outer coordinates, row 0, column 0, turn 0. */
export function setOrigin(
  { f, contraction, index, operands }: ContractionContext,
  factor: Factor,
  origin: Local,
): void {
  f.get(operands[factor.operand]!)
    .i32(4 * factor.constant)
    .op('i32.add');
  for (const axis of contraction.outerAxes) {
    if (factor.index[axis] === 0) continue;
    f.get(index[axis]!)
      .i32(4 * factor.index[axis]!)
      .op('i32.mul', 'i32.add');
  }
  f.set(origin);
}

/** Sets the output's address at the current outer coordinates, row 0, column 0. */
export function setOutput({ f, body, contraction, index, outputStart, output }: ContractionContext): void {
  f.get(outputStart);
  for (const axis of contraction.outerAxes) {
    const stride = product(body.domain.slice(axis + 1));
    f.get(index[axis]!)
      .i32(4 * stride)
      .op('i32.mul', 'i32.add');
  }
  f.set(output);
}

/** `local = min(local, bound)`, unsigned. */
export function setSmaller(f: FunctionBuilder, local: Local, bound: number): void {
  f.get(local).i32(bound).get(local).i32(bound).op('i32.lt_u', 'select').set(local);
}
