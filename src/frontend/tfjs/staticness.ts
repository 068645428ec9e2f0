import { fail } from '../../errors/index.js';
import type { RecordedCall, RecordedConstant, Recording } from '../recording.js';

/**
 * Proves that a step is the same function every time: two recordings of it, the first of which also creates the
 * optimiser's slots, have to agree in every call, constant and result.
 *
 * @throws frontend.not-static with the first difference
 */
export function checkStatic(first: Recording, second: Recording): void {
  const firstLines = [...canonicalLines(first)];
  const secondLines = [...canonicalLines(second)];
  const length = Math.max(firstLines.length, secondLines.length);
  for (let index = 0; index < length; index++) {
    const [one = '(nothing)', other = '(nothing)'] = [firstLines[index], secondLines[index]];
    if (one !== other) {
      throw fail('frontend.not-static', { line: index, first: one, second: other });
    }
  }
}

/** One line per call, then constants, next values and results; comparable because ids are counted from 0. */
function* canonicalLines(recording: Recording): Generator<string> {
  const constants = new Map(recording.constants.map((constant) => [constant.id, constantText(constant)]));
  const reference = (id: number) => constants.get(id) ?? `#${id}`;
  for (const call of recording.calls) {
    yield callText(call, reference);
  }
  for (const [index, id] of recording.next.entries()) {
    yield `next ${recording.state[index]?.name} = ${reference(id)}`;
  }
  for (const [name, id] of Object.entries(recording.results)) {
    yield `result ${name} = ${reference(id)}`;
  }
}

function callText(call: RecordedCall, reference: (id: number) => string): string {
  const inputs = Object.entries(call.inputs).map(([name, id]) => `${name}=${reference(id)}`);
  const outputs = call.outputs.map(({ id, dtype, shape }) => `#${id} ${dtype}[${shape}]`);
  return `${outputs.join(', ')} = ${call.kernel}(${inputs.join(', ')}) ${JSON.stringify(call.attributes)} in ${call.scope}`;
}

function constantText({ dtype, shape, fill, values }: RecordedConstant): string {
  const numbers = values === undefined ? numberText(fill ?? 0) : Array.from(values, numberText).join(' ');
  return `${dtype}[${shape}]{${numbers}}`;
}

/** Tells −0 from 0, as bits do. */
function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
