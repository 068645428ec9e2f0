/** The kernels of a recorded training step in the order of their replay, with the values that each one is the last to read. */
import type { RecordedCall, RecordedValue, Recording } from '../../frontend/recording.js';
import { isDraw } from './feed-program.js';

export interface PlannedCall {
  readonly call: RecordedCall;
  /** Ids of values that nothing needs after this call. */
  readonly dying: readonly number[];
}

export interface ReplayPlan {
  readonly calls: readonly PlannedCall[];
  /** The kernels that a package must have. */
  readonly kernels: ReadonlySet<string>;
  /** The most bytes that values of a step take at the same time, constants and state included. */
  readonly peakBytes: number;
}

/** The gradients that are recorded instead of tfjs's call this name; its own operation is a reshape and a tile. */
export const BROADCAST = 'BroadcastTo';

export function planReplay(recording: Recording): ReplayPlan {
  const calls = recording.calls.filter((call) => !isDraw(call));
  const lasting = lastingValues(recording);
  const lastReader = new Map<number, number>();
  for (const [at, { inputs, outputs }] of calls.entries()) {
    for (const id of [...outputs.map((value) => value.id), ...Object.values(inputs)]) lastReader.set(id, at);
  }
  const dying: number[][] = calls.map(() => []);
  for (const [id, at] of lastReader) if (!lasting.has(id)) dying[at]!.push(id);
  const planned = calls.map((call, at) => ({ call, dying: dying[at]! }));
  return { calls: planned, kernels: kernelsOf(calls), peakBytes: peakBytes(recording, planned) };
}

/** Values that outlive the step's calls: state and constants stay, next states and results are still to be read. */
function lastingValues({ state, constants, next, results }: Recording): ReadonlySet<number> {
  return new Set([...[...state, ...constants].map(({ id }) => id), ...next, ...Object.values(results)]);
}

function kernelsOf(calls: readonly RecordedCall[]): ReadonlySet<string> {
  const names = calls.flatMap(({ kernel }) => (kernel === BROADCAST ? ['Reshape', 'Tile'] : [kernel]));
  // The replay itself adds a probe, copies and casts.
  return new Set([...names, 'Add', 'Identity', 'Cast']);
}

function peakBytes(recording: Recording, calls: readonly PlannedCall[]): number {
  const sizes = new Map<number, number>();
  const add = (value: RecordedValue): number => {
    const bytes = value.shape.reduce((size, extent) => size * extent, 4);
    sizes.set(value.id, bytes);
    return bytes;
  };
  const given = [...recording.state, ...recording.constants, ...recording.batch];
  const drawn = recording.calls.filter(isDraw).flatMap(({ outputs }) => outputs);
  let live = [...given, ...drawn].reduce((sum, value) => sum + add(value), 0);
  let peak = live;
  for (const { call, dying } of calls) {
    for (const value of call.outputs) live += add(value);
    peak = Math.max(peak, live);
    for (const id of dying) live -= sizes.get(id) ?? 0;
  }
  return peak;
}
