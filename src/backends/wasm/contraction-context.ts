import type { FunctionBuilder, Local } from '../../wasm/function-builder.js';
import type { Contraction } from './contraction.js';
import type { ContractionSchedule } from './contraction-schedule.js';
import type { KernelBody } from './kernel-body.js';
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
  /** Addresses for row 0, column 0, turn 0 of the unit. */
  readonly leftOrigin: Local;
  readonly rightOrigin: Local;
  readonly output: Local;
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

/** `local = min(local, bound)`, unsigned. */
export function setSmaller(f: FunctionBuilder, local: Local, bound: number): void {
  f.get(local).i32(bound).get(local).i32(bound).op('i32.lt_u', 'select').set(local);
}
