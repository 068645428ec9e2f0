/** How often each value of a recording is read for one of its elements: what is read once need not be stored. */
import { kernelOf } from '../../operators/table.js';
import type { RecordedCall, RecordedValue, Recording } from '../recording.js';
import { elementCount } from './lazy-tensor.js';

/** A value that is read at least so often has to lie in memory. */
export const PLAIN_READS = 1000;

/** The reads of every value, views counted through to their readers. */
export function countReads(recording: Recording): ReadonlyMap<number, number> {
  const values = new Map<number, RecordedValue>();
  for (const value of [...recording.state, ...recording.batch, ...recording.constants]) values.set(value.id, value);
  for (const call of recording.calls) for (const value of call.outputs) values.set(value.id, value);

  const reads = new Map<number, number>();
  const addReads = (id: number, count: number): void => {
    reads.set(id, (reads.get(id) ?? 0) + count);
  };
  for (const id of [...recording.next, ...Object.values(recording.results)]) addReads(id, 1);
  for (const call of recording.calls.toReversed()) {
    for (const id of Object.values(call.inputs)) addReads(id, readsOf(call, values.get(id)!, reads));
  }
  return reads;
}

function readsOf(call: RecordedCall, input: RecordedValue, reads: ReadonlyMap<number, number>): number {
  const [output] = call.outputs;
  switch (kernelOf(call.kernel)?.reads) {
    case 'view':
      return call.outputs.reduce((total, { id }) => total + (reads.get(id) ?? 0), 0);
    case 'plain':
      return PLAIN_READS;
    case 'often':
      return 2;
    default:
      return output !== undefined && elementCount(output) > elementCount(input) ? 2 : 1;
  }
}
