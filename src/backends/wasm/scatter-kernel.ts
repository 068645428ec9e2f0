/** Kernels for sums by segment: each row is added to its segment's output, rows in ascending order. */
import type { FunctionBuilder, Local } from '../../wasm/function-builder.js';
import { keyOfBody } from '../plan/kernel-body.js';
import { LEVELS } from '../plan/representation.js';
import { setSmaller } from './contraction-context.js';
import { CHUNK_NANOSECONDS, KERNEL_PARAMS, type Kernel, loadDescriptor, type SharedFunctions } from './kernel.js';
import { NodeEmitter } from './node-emitter.js';
import type { Scatter } from './scatter.js';

/** Rough times, which only decide how large chunks are. */
const NANOSECONDS = { clear: 0.1, add: 0.3 } as const;

/** The kernel of a sum by segment. A chunk is a range of segments: it looks at all rows, and adds its own. */
export function scatterKernel(scatter: Scatter): Kernel {
  const { rows, segments, columns } = scatter;
  const time = columns * (segments * NANOSECONDS.clear + rows.domain[0]! * NANOSECONDS.add);
  const segmentsPerChunk = Math.ceil(segments / Math.max(1, Math.min(segments, Math.round(time / CHUNK_NANOSECONDS))));
  return {
    key: `scatter ${segments} ${keyOfBody(rows)}`,
    chunks: Math.ceil(segments / segmentsPerChunk),
    scratchBytes: 0,
    build: (module, shared) =>
      module.addFunction(KERNEL_PARAMS, [], (f, descriptor, chunk, _scratch, step) => {
        const params = { descriptor: descriptor!, chunk: chunk!, step: step! };
        emitKernel(f, scatter, segmentsPerChunk, shared, params);
      }),
  };
}

interface KernelParameters {
  readonly descriptor: Local;
  readonly chunk: Local;
  readonly step: Local;
}

function emitKernel(
  f: FunctionBuilder,
  { rows, segments, columns }: Scatter,
  segmentsPerChunk: number,
  { fusedMultiplyAdd }: SharedFunctions,
  { descriptor, chunk, step }: KernelParameters,
): void {
  const { output, operands } = loadDescriptor(f, descriptor, rows.operandWords.length);
  const [row, column] = f.locals(2, 'i32') as [Local, Local];
  const [first, count, segment, address] = f.locals(4, 'i32') as [Local, Local, Local, Local];
  const index = [row, column];
  const emitter = new NodeEmitter({
    f,
    body: rows,
    vectorAxis: 1,
    index,
    reduce: [],
    operands,
    step,
    fusedMultiplyAdd,
  });
  emitter.holdNaN();
  emitter.openLevel(LEVELS.chunk);
  emitSegments(f, { chunk, first, count }, segments, segmentsPerChunk);
  const setAddress = (of: Local): void => {
    f.get(of)
      .i32(4 * columns)
      .op('i32.mul')
      .get(output)
      .op('i32.add')
      .set(address);
  };
  setAddress(first);
  f.get(address)
    .i32(0)
    .get(count)
    .i32(4 * columns)
    .op('i32.mul')
    .memoryFill();
  const pushRows = (): unknown => f.i32(rows.domain[0]!);
  f.countedLoop(row, 0, pushRows, 1, () => {
    emitter.openLevel(LEVELS.row);
    emitter.push(rows.siblings[0]!.finish, 'vector', 0);
    f.lane('i32x4.extract_lane', 0).tee(segment).get(first).op('i32.sub').get(count).op('i32.lt_u');
    f.if(() => {
      setAddress(segment);
      emitRow(f, emitter, rows.finish, { column, columns, address });
    });
    emitter.closeLevel(LEVELS.row);
  });
}

/** Sets the first segment of a chunk and how many it has. */
function emitSegments(
  f: FunctionBuilder,
  { chunk, first, count }: { readonly chunk: Local; readonly first: Local; readonly count: Local },
  segments: number,
  segmentsPerChunk: number,
): void {
  f.get(chunk).i32(segmentsPerChunk).op('i32.mul').tee(first).i32(segmentsPerChunk).op('i32.add').set(count);
  setSmaller(f, count, segments);
  f.get(count).get(first).op('i32.sub').set(count);
}

/** Adds a row's values to the sums at `address`. */
function emitRow(
  f: FunctionBuilder,
  emitter: NodeEmitter,
  value: number,
  { column, columns, address }: { readonly column: Local; readonly columns: number; readonly address: Local },
): void {
  f.countedLoop(
    column,
    0,
    () => f.i32(columns),
    4,
    () => {
      emitter.openLevel(LEVELS.vector);
      f.get(address).get(address).mem('v128.load');
      emitter.push(value, 'vector', 0);
      f.op('f32x4.add');
      emitter.vector.canonicalise();
      f.mem('v128.store').increment(address, 16);
      emitter.closeLevel(LEVELS.vector);
    },
  );
}
