import { fail, type GensynError } from '../../errors/index.js';
import type {
  RecordedBatchInput,
  RecordedCall,
  RecordedConstant,
  RecordedState,
  RecordedValue,
  Recording,
} from '../recording.js';
import type { RecordingSession } from './recording-session.js';
import { type ConstantSymbol, describeValue, type SymbolicCall, type SymbolicValue } from './symbolic-value.js';

export interface RecordingRoots {
  /** The state in order: the symbol read at the start and the id of the next value. */
  readonly state: readonly {
    readonly name: string;
    readonly role: string;
    readonly symbol: number;
    readonly next: number;
  }[];
  readonly batch: readonly { readonly name: string; readonly symbol: number }[];
  readonly results: Readonly<Record<string, number>>;
  /** The calls of this step, to tell them from those of steps before. */
  readonly calls?: readonly SymbolicCall[];
  /** Puts a constant in the place of a call's output; for the genesis recording. */
  readonly fold?: (call: SymbolicCall) => number | undefined;
}

/**
 * Cuts one function out of all that a session has recorded: the calls that its results hang on, in recorded order,
 * with ids counted anew from 0 (state, batch, then values in order of use). The same function gives the same recording
 * whatever was recorded before it.
 *
 * @throws frontend.hidden-state if it hangs on a value of another step
 */
export function extractRecording(session: RecordingSession, roots: RecordingRoots): Recording {
  const known = new Set([...roots.state, ...roots.batch].map(({ symbol }) => symbol));
  const needed = neededCalls(session, roots, known);
  const ids = new Map<number, number>();
  const describe = (id: number): RecordedValue => ({ id: renumber(ids, id), ...shapeAndType(session.valueAt(id)) });
  const state = roots.state.map(({ name, role, symbol }): RecordedState => ({ ...describe(symbol), name, role }));
  const batch = roots.batch.map(({ name, symbol }): RecordedBatchInput => ({ ...describe(symbol), name }));
  const constants = new Map<number, RecordedConstant>();
  const use = (id: number): number => {
    const value = session.valueAt(id);
    const constant = constantOf(value, roots.fold);
    if (constant !== undefined && !constants.has(id)) {
      constants.set(id, { ...describe(id), ...constant });
    }
    return renumber(ids, id);
  };
  const calls: RecordedCall[] = [];
  for (const call of session.calls) {
    if (needed.has(call)) {
      const inputs = Object.fromEntries(Object.entries(call.inputs).map(([name, id]) => [name, use(id)]));
      const { kernel, attributes, scope, phase } = call;
      calls.push({ kernel, attributes, inputs, outputs: call.outputs.map(({ id }) => describe(id)), scope, phase });
    }
  }
  const next = roots.state.map((entry) => use(entry.next));
  const results = Object.fromEntries(Object.entries(roots.results).map(([name, id]) => [name, use(id)]));
  return { state, batch, constants: [...constants.values()], calls, next, results };
}

function renumber(ids: Map<number, number>, id: number): number {
  const known = ids.get(id);
  if (known !== undefined) {
    return known;
  }
  ids.set(id, ids.size);
  return ids.size - 1;
}

function shapeAndType({ shape, dtype }: SymbolicValue): Omit<RecordedValue, 'id'> {
  return { shape, dtype };
}

type ConstantContent = Pick<RecordedConstant, 'fill' | 'values'>;

function constantOf(value: SymbolicValue, fold: RecordingRoots['fold']): ConstantContent | undefined {
  if (value.kind === 'constant') {
    return contentOf(value);
  }
  const fill = value.kind === 'output' ? fold?.(value.call) : undefined;
  return fill === undefined ? undefined : { fill };
}

function contentOf({ fill, values }: ConstantSymbol): ConstantContent {
  return values === undefined ? { fill: fill ?? 0 } : { values };
}

/** The calls that the roots hang on. */
function neededCalls(session: RecordingSession, roots: RecordingRoots, known: ReadonlySet<number>): Set<SymbolicCall> {
  const needed = new Set<SymbolicCall>();
  const readers = new Map<number, SymbolicCall>();
  const pending = [...roots.state.map(({ next }) => next), ...Object.values(roots.results)];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const value = session.valueAt(id);
    if (value.kind === 'output') {
      if (!needed.has(value.call) && roots.fold?.(value.call) === undefined) {
        needed.add(value.call);
        for (const input of Object.values(value.call.inputs)) {
          readers.set(input, value.call);
          pending.push(input);
        }
      }
    } else if (value.kind !== 'constant' && !known.has(id)) {
      throw hiddenState(session, id, readers, roots.calls ?? []);
    }
  }
  return needed;
}

/** Follows a foreign input up to the call of this step that reads it or what was computed from it. */
function hiddenState(
  session: RecordingSession,
  foreign: number,
  readers: ReadonlyMap<number, SymbolicCall>,
  own: readonly SymbolicCall[],
): GensynError {
  let id = foreign;
  let reader = readers.get(id);
  while (reader !== undefined && !own.includes(reader)) {
    id = reader.outputs[0]?.id ?? id;
    reader = readers.get(id);
  }
  const args = { layer: reader?.scope ?? 'model', value: describeValue(session.valueAt(id)) };
  return fail('frontend.hidden-state', args);
}
