/**
 * Clean-up of a recording before it is lowered: no-ops are aliased away, constants are propagated, equal calls become
 * one, and what nobody reads goes. Nothing of it changes a bit; `x + 0` stays, because of −0.
 */
import type { RecordedCall, RecordedConstant, RecordedValue, Recording } from '../recording.js';

const UNIFORM_VIEWS: ReadonlySet<string> = new Set([
  'Identity',
  'Reshape',
  'ExpandDims',
  'Transpose',
  'Slice',
  'StridedSlice',
  'Reverse',
  'Tile',
  'BroadcastTo',
]);

export function cleanUp(recording: Recording): Recording {
  const values = new Map<number, RecordedValue>();
  const fills = new Map<number, number>();
  const aliases = new Map<number, number>();
  const seen = new Map<string, readonly RecordedValue[]>();
  const rectified = new Map<number, number>();
  const constants: RecordedConstant[] = [];
  const calls: RecordedCall[] = [];

  for (const value of [...recording.state, ...recording.batch]) values.set(value.id, value);
  const addConstant = (constant: RecordedConstant): void => {
    values.set(constant.id, constant);
    const fill = uniformValue(constant);
    const key = fill === undefined ? undefined : `${constant.dtype}[${constant.shape.join()}]${textOf(fill)}`;
    const same = key === undefined ? undefined : seen.get(key)?.[0];
    if (same !== undefined) {
      aliases.set(constant.id, same.id);
      return;
    }
    if (key !== undefined) seen.set(key, [constant]);
    if (fill !== undefined) fills.set(constant.id, fill);
    constants.push(fill === undefined ? constant : withFill(constant, fill));
  };
  recording.constants.forEach(addConstant);

  const resolve = (id: number): number => aliases.get(id) ?? id;
  for (const given of recording.calls) {
    const inputs = Object.fromEntries(Object.entries(given.inputs).map(([name, id]) => [name, resolve(id)]));
    const call = stepOfRelu({ ...given, inputs }, rectified);
    for (const value of call.outputs) values.set(value.id, value);
    const [first] = call.outputs;
    const fill = uniformOutput(call, fills);
    const alias = fill === undefined ? aliasOf(call, values, fills) : undefined;
    if (fill !== undefined) addConstant({ ...first!, fill });
    else if (alias !== undefined) aliases.set(first!.id, alias);
    else {
      const key = JSON.stringify([
        call.kernel,
        call.attributes,
        inputs,
        call.outputs.map(({ shape, dtype }) => [shape, dtype]),
      ]);
      const same = seen.get(key);
      if (same === undefined) {
        seen.set(key, call.outputs);
        calls.push(call);
        if (call.kernel === 'Relu') rectified.set(call.inputs['x']!, first!.id);
      } else {
        for (const [at, value] of call.outputs.entries()) aliases.set(value.id, same[at]!.id);
      }
    }
  }
  const results = Object.fromEntries(Object.entries(recording.results).map(([name, id]) => [name, resolve(id)]));
  return dropDead({ ...recording, constants, calls, next: recording.next.map(resolve), results });
}

/**
 * The gradient of Relu is the step of Relu's input. The step of its output is the same for every value, NaN included,
 * and the input then need not be kept.
 */
function stepOfRelu(call: RecordedCall, rectified: ReadonlyMap<number, number>): RecordedCall {
  const output = rectified.get(call.inputs['x'] ?? -1);
  if (call.kernel !== 'Step' || call.attributes['alpha'] !== 0 || output === undefined) return call;
  return { ...call, inputs: { x: output } };
}

const textOf = (fill: number): string => (Object.is(fill, -0) ? '-0' : String(fill));

/** The one value of a constant, if all of its elements are the same. */
function uniformValue({ fill, values }: RecordedConstant): number | undefined {
  if (fill !== undefined) return fill;
  const first = values?.[0];
  if (first === undefined) return undefined;
  return values!.every((value) => Object.is(value, first)) ? first : undefined;
}

function withFill({ id, shape, dtype }: RecordedConstant, fill: number): RecordedConstant {
  return { id, shape, dtype, fill };
}

/** The one value of a call's output, where it follows from constants without arithmetic. */
function uniformOutput(
  { kernel, attributes, inputs }: RecordedCall,
  fills: ReadonlyMap<number, number>,
): number | undefined {
  if (kernel === 'ZerosLike') return 0;
  if (kernel === 'OnesLike') return 1;
  if (kernel === 'Fill') return typeof attributes['value'] === 'number' ? attributes['value'] : undefined;
  if (!UNIFORM_VIEWS.has(kernel)) return undefined;
  return fills.get(inputs['x'] ?? inputs['input'] ?? -1);
}

/** The value that a call only repeats. */
function aliasOf(
  { kernel, inputs, outputs }: RecordedCall,
  values: ReadonlyMap<number, RecordedValue>,
  fills: ReadonlyMap<number, number>,
): number | undefined {
  const [out] = outputs;
  const same = (id: number | undefined): id is number => {
    const value = values.get(id ?? -1);
    return value !== undefined && value.dtype === out!.dtype && value.shape.join() === out!.shape.join();
  };
  const isOne = (id: number | undefined): boolean => fills.get(id ?? -1) === 1;
  const { x, a, b } = inputs;
  switch (kernel) {
    case 'Identity':
      return x;
    case 'Cast':
    case 'Reshape':
    case 'Slice':
    case 'Tile':
    case 'BroadcastTo':
      return same(x) ? x : undefined;
    case 'Multiply':
      if (isOne(b) && same(a)) return a;
      return isOne(a) && same(b) ? b : undefined;
    case 'RealDiv':
      return isOne(b) && same(a) ? a : undefined;
    default:
      return undefined;
  }
}

/** Keeps the calls that state and results depend on. */
function dropDead(recording: Recording): Recording {
  const live = new Set([...recording.next, ...Object.values(recording.results)]);
  const calls = recording.calls.toReversed().filter((call) => {
    if (!call.outputs.some(({ id }) => live.has(id))) return false;
    for (const id of Object.values(call.inputs)) live.add(id);
    return true;
  });
  return { ...recording, constants: recording.constants.filter(({ id }) => live.has(id)), calls: calls.toReversed() };
}
