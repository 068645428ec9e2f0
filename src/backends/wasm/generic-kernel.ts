/** Kernels for any operator: loops over rows of outputs, vectors along the innermost axis, the fold inside. */
import { product } from '../../expr/operator.js';
import { isForeignNaN } from '../../numerics/float32.js';
import type { FunctionBuilder, Local } from '../../wasm/function-builder.js';
import { type KernelBody, keyOfBody } from '../plan/kernel-body.js';
import { coefficientOf } from '../plan/linear-form.js';
import { LEVELS } from '../plan/representation.js';
import { type GenericSchedule, scheduleOf } from './generic-schedule.js';
import { KERNEL_PARAMS, type Kernel, loadDescriptor, type SharedFunctions } from './kernel.js';
import { NodeEmitter } from './node-emitter.js';

export function genericKernel(body: KernelBody): Kernel {
  const schedule = scheduleOf(body);
  const { rows, rowsPerChunk, width, piece } = schedule;
  return {
    key: `generic ${keyOfBody(body)}`,
    chunks: Math.ceil(rows / rowsPerChunk) * Math.ceil(width / piece),
    scratchBytes: 0,
    build: (module, shared) =>
      module.addFunction(KERNEL_PARAMS, [], (f, descriptor, chunk, _scratch, step) => {
        emitKernel({ f, body, schedule, shared, chunk: chunk!, step: step! }, descriptor!);
      }),
  };
}

interface Context {
  readonly f: FunctionBuilder;
  readonly body: KernelBody;
  readonly schedule: GenericSchedule;
  readonly shared: SharedFunctions;
  readonly chunk: Local;
  readonly step: Local;
}

interface Loops {
  readonly emitter: NodeEmitter;
  readonly index: readonly Local[];
  readonly reduce: readonly Local[];
  /** By output, the address of the row's first element. */
  readonly rowOutputs: readonly Local[];
  /** Coordinate of lane 0 along the vector axis. */
  readonly at: Local;
  readonly from: Local;
  readonly to: Local;
}

function emitKernel(context: Context, descriptor: Local): void {
  const { f, body, schedule, shared, chunk, step } = context;
  const outputCount = 1 + body.siblings.length;
  const { output, siblings, operands } = loadDescriptor(f, descriptor, body.operandWords.length, outputCount);
  const index = f.locals(body.domain.length, 'i32');
  const reduce = f.locals(body.reduction.length, 'i32');
  const [row, endRow, from, to] = f.locals(4, 'i32') as [Local, Local, Local, Local];
  const at = schedule.vectorAxis < 0 ? f.local('i32') : index[schedule.vectorAxis]!;
  const { fusedMultiplyAdd } = shared;
  const emitter = new NodeEmitter({
    f,
    body,
    vectorAxis: schedule.vectorAxis,
    index,
    reduce,
    operands,
    step,
    fusedMultiplyAdd,
  });
  const rowOutputs = [output, ...siblings];
  const loops: Loops = { emitter, index, reduce, rowOutputs, at, from, to };
  emitter.holdNaN();
  emitter.openLevel(LEVELS.chunk);
  emitRange(context, { row, endRow, from, to }, chunk);
  emitFirstRow(context, index, row);
  const starts = schedule.isContiguous ? [] : rowOutputs.map((address) => copyOf(f, address));
  if (schedule.isContiguous) {
    for (const address of rowOutputs) {
      f.get(row)
        .i32(schedule.width * 4)
        .op('i32.mul');
      f.get(address).op('i32.add').set(address);
    }
  }
  f.loop((nextRow) => {
    starts.forEach((start, output) => {
      emitRowAddress(context, index, start, rowOutputs[output]!);
    });
    emitter.openLevel(LEVELS.row);
    emitVectors(context, loops);
    emitter.closeLevel(LEVELS.row);
    emitNextRow(context, index);
    if (schedule.isContiguous) for (const address of rowOutputs) f.increment(address, schedule.width * 4);
    f.increment(row, 1);
    f.get(row).get(endRow).op('i32.lt_u').brIf(nextRow);
  });
}

function copyOf(f: FunctionBuilder, address: Local): Local {
  const copy = f.local('i32');
  f.get(address).set(copy);
  return copy;
}

/** Sets the address of a row's first element from the row's coordinates. */
function emitRowAddress(context: Context, index: readonly Local[], start: Local, address: Local): void {
  const { f, body } = context;
  f.get(start)
    .i32(4 * body.output.constant)
    .op('i32.add');
  for (const axis of rowAxes(context)) {
    f.get(index[axis]!)
      .i32(4 * coefficientOf(body.output, 'index', axis))
      .op('i32.mul', 'i32.add');
  }
  f.set(address);
}

/** Sets the rows and the part of them that a chunk computes. */
function emitRange(
  { f, schedule }: Context,
  locals: { readonly row: Local; readonly endRow: Local; readonly from: Local; readonly to: Local },
  chunk: Local,
): void {
  const { rows, rowsPerChunk, width, piece } = schedule;
  const pieces = Math.ceil(width / piece);
  f.get(chunk).i32(pieces).op('i32.div_u').i32(rowsPerChunk).op('i32.mul').set(locals.row);
  pushSmaller(f, () => f.get(locals.row).i32(rowsPerChunk).op('i32.add'), rows);
  f.set(locals.endRow);
  f.get(chunk).i32(pieces).op('i32.rem_u').i32(piece).op('i32.mul').set(locals.from);
  pushSmaller(f, () => f.get(locals.from).i32(piece).op('i32.add'), width);
  f.set(locals.to);
}

function pushSmaller(f: FunctionBuilder, push: () => void, bound: number): void {
  const value = f.local('i32');
  push();
  f.tee(value).i32(bound).get(value).i32(bound).op('i32.lt_u', 'select');
  f.release(value);
}

/** Output axes that are walked row by row. */
function rowAxes({ body, schedule }: Context): number[] {
  return [...body.domain.keys()].filter((axis) => axis !== schedule.vectorAxis);
}

function emitFirstRow(context: Context, index: readonly Local[], row: Local): void {
  const { f, body } = context;
  let inner = 1;
  for (const axis of rowAxes(context).reverse()) {
    f.get(row).i32(inner).op('i32.div_u').i32(body.domain[axis]!).op('i32.rem_u').set(index[axis]!);
    inner *= body.domain[axis]!;
  }
}

/** Advances the coordinates like an odometer. */
function emitNextRow(context: Context, index: readonly Local[]): void {
  const { f, body } = context;
  f.block((done) => {
    for (const axis of rowAxes(context).reverse()) {
      f.get(index[axis]!).i32(1).op('i32.add').tee(index[axis]!).i32(body.domain[axis]!).op('i32.lt_u').brIf(done);
      f.i32(0).set(index[axis]!);
    }
  });
}

function emitVectors(context: Context, loops: Loops): void {
  const { f, schedule } = context;
  const { at, from, to } = loops;
  if (schedule.vectorAxis < 0) {
    f.i32(0).set(at);
    emitOutputs(context, loops, 1);
    return;
  }
  f.get(from).set(at);
  const wide = 4 * schedule.copies;
  if (schedule.copies > 1) {
    f.block((done) => {
      f.loop((again) => {
        f.get(at).i32(wide).op('i32.add').get(to).op('i32.gt_u').brIf(done);
        emitOutputs(context, loops, schedule.copies);
        f.increment(at, wide).br(again);
      });
    });
    if (schedule.width % wide === 0 && schedule.piece % wide === 0) return;
  }
  f.block((done) => {
    f.loop((again) => {
      f.get(at).get(to).op('i32.ge_u').brIf(done);
      if (schedule.width % 4 !== 0) {
        // The last vector overlaps the one before: it computes some outputs again, to the same bits.
        f.get(to).i32(4).op('i32.sub').get(at).get(at).i32(4).op('i32.add').get(to).op('i32.gt_u', 'select').set(at);
      }
      emitOutputs(context, loops, 1);
      f.increment(at, 4).br(again);
    });
  });
}

/** Computes and stores `copies` vectors of outputs, or one output where there is no vector axis. */
function emitOutputs(context: Context, loops: Loops, copies: number): void {
  const { f, body, schedule } = context;
  const { emitter } = loops;
  const hasFold = body.update.length > 0;
  emitter.openLevel(LEVELS.vector, copies);
  const accumulators = body.update.map(() => f.locals(copies, 'v128'));
  if (hasFold) {
    emitter.bindAccumulators(accumulators);
    accumulators.forEach((locals, slot) => {
      locals.forEach((local, copy) => {
        emitter.push(body.init[slot]!, 'vector', copy);
        f.set(local);
      });
    });
    if (product(body.reduction) > 0) emitFold(context, loops, copies, 0, accumulators);
    emitter.openLevel(emitter.placement.finishLevel, copies);
  }
  [body, ...body.siblings].forEach(({ dtype, finish }, output) => {
    for (let copy = 0; copy < copies; copy++) {
      f.get(loops.rowOutputs[output]!).get(loops.at).i32(2).op('i32.shl', 'i32.add');
      emitter.push(finish, 'vector', copy);
      if (dtype === 'f32' && !isCanonical(body, finish)) emitter.vector.canonicalise();
      if (schedule.vectorAxis < 0) f.laneMem('v128.store32_lane', 0, 0);
      else f.mem('v128.store', 16 * copy);
    }
  });
  if (hasFold) emitter.closeLevel(emitter.placement.finishLevel);
  for (const locals of accumulators) f.release(...locals);
  emitter.closeLevel(LEVELS.vector);
}

function emitFold(
  context: Context,
  loops: Loops,
  copies: number,
  axis: number,
  accumulators: readonly (readonly Local[])[],
): void {
  const { f, body } = context;
  const { emitter, reduce } = loops;
  f.i32(0).set(reduce[axis]!);
  f.loop((again) => {
    emitter.openLevel(LEVELS.fold + axis, copies);
    if (axis + 1 < body.reduction.length) emitFold(context, loops, copies, axis + 1, accumulators);
    else emitUpdate(context, emitter, copies, accumulators);
    emitter.closeLevel(LEVELS.fold + axis);
    f.get(reduce[axis]!).i32(1).op('i32.add').tee(reduce[axis]!).i32(body.reduction[axis]!).op('i32.lt_u').brIf(again);
  });
}

/** All updates see the accumulators from before the turn: their values wait on the stack. */
function emitUpdate(
  { f, body }: Context,
  emitter: NodeEmitter,
  copies: number,
  accumulators: readonly (readonly Local[])[],
): void {
  for (let copy = 0; copy < copies; copy++) {
    for (const root of body.update) emitter.push(root, 'vector', copy);
    for (let slot = body.update.length - 1; slot >= 0; slot--) f.set(accumulators[slot]![copy]!);
  }
}

/** True where a value's bits cannot be a NaN other than the canonical one. Operands may hold any bits. */
export function isCanonical(body: KernelBody, at: number): boolean {
  const node = body.nodes[at]!;
  if (node.op === 'const') return !isForeignNaN(node.imm);
  return node.op === 'itof';
}
