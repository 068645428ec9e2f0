/**
 * Kernels for contractions: register tiles of 4 × 8 outputs over packed panels. The order of each output's sum is the
 * reduction's order, so the tiles change no bit.
 */
import { product } from '../../expr/operator.js';
import type { FunctionBuilder, Local } from '../../wasm/function-builder.js';
import type { Contraction, Factor } from './contraction.js';
import { type ContractionSchedule, NARROW, scheduleOf, scratchOf, WIDE } from './contraction-schedule.js';
import { isCanonical } from './generic-kernel.js';
import { KERNEL_PARAMS, type Kernel, loadDescriptor, type SharedFunctions } from './kernel.js';
import { type KernelBody, keyOfBody } from './kernel-body.js';
import { NodeEmitter } from './node-emitter.js';
import { emitPackPanel, type PanelSource } from './panel-packing.js';
import { LEVELS } from './representation.js';
import { emitTileFold } from './tile-fold.js';

/** The kernel of a contraction. */
export function contractionKernel(body: KernelBody, contraction: Contraction): Kernel {
  const schedule = scheduleOf(body, contraction);
  return {
    key: `contraction ${keyOfBody(body)}`,
    chunks: Math.ceil(schedule.units / schedule.unitsPerChunk),
    scratchBytes: scratchOf(schedule).end,
    build: (module, shared) =>
      module.addFunction(KERNEL_PARAMS, [], (f, descriptor, chunk, scratch, step) => {
        const params = { descriptor: descriptor!, chunk: chunk!, scratch: scratch!, step: step! };
        emitKernel(f, body, contraction, schedule, shared, params);
      }),
  };
}

interface Context {
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
  /** Number of the tile's group of rows, times the bytes it takes in the packed left factor, and of its partial sums. */
  readonly packedLeft: Local;
  readonly sums: Local;
  readonly firstTurn: Local;
}

function emitKernel(
  f: FunctionBuilder,
  body: KernelBody,
  contraction: Contraction,
  schedule: ContractionSchedule,
  shared: SharedFunctions,
  params: { readonly descriptor: Local; readonly chunk: Local; readonly scratch: Local; readonly step: Local },
): void {
  const { output, operands } = loadDescriptor(f, params.descriptor, body.operandWords.length);
  const index = f.locals(body.domain.length, 'i32');
  const reduce = f.locals(body.reduction.length, 'i32');
  const { fusedMultiplyAdd } = shared;
  const vectorAxis = contraction.columnAxis;
  const emitter = new NodeEmitter({
    f,
    body,
    vectorAxis,
    index,
    reduce,
    operands,
    step: params.step,
    fusedMultiplyAdd,
  });
  const [leftOrigin, rightOrigin, unitOutput, firstRow, endRow, firstPanel, endPanel, panel] = eight(f);
  const [row, column, packedLeft, sums, firstTurn, unit, endUnit, rest] = eight(f);
  const context: Context = {
    ...{ f, body, contraction, schedule, emitter, index, scratch: params.scratch, leftOrigin, rightOrigin },
    ...{ output: unitOutput, firstRow, endRow, firstPanel, endPanel, panel, row, column, packedLeft, sums, firstTurn },
  };
  emitter.holdNaN();
  emitter.openLevel(LEVELS.chunk);
  f.get(params.chunk).i32(schedule.unitsPerChunk).op('i32.mul').set(unit);
  f.get(unit).i32(schedule.unitsPerChunk).op('i32.add').set(endUnit);
  setSmaller(f, endUnit, schedule.units);
  f.loop((nextUnit) => {
    emitUnitStart(context, unit, rest);
    emitOrigin(context, contraction.left, operands, leftOrigin);
    emitOrigin(context, contraction.right, operands, rightOrigin);
    emitUnitOutput(context, output);
    emitBlocks(context);
    f.get(unit).i32(1).op('i32.add').tee(unit).get(endUnit).op('i32.lt_u').brIf(nextUnit);
  });
}

function eight(f: FunctionBuilder): [Local, Local, Local, Local, Local, Local, Local, Local] {
  return f.locals(8, 'i32') as [Local, Local, Local, Local, Local, Local, Local, Local];
}

/** `local = min(local, bound)`, unsigned. */
function setSmaller(f: FunctionBuilder, local: Local, bound: number): void {
  f.get(local).i32(bound).get(local).i32(bound).op('i32.lt_u', 'select').set(local);
}

/** Decodes a unit's number: panels vary fastest, then rows, then the outer coordinates. */
function emitUnitStart(context: Context, unit: Local, rest: Local): void {
  const { f, body, contraction, schedule, index } = context;
  const { panelBlocks, panelsPerUnit, rowBlocks, rowsPerUnit, widePanels, narrowPanels } = schedule;
  f.get(unit).i32(panelBlocks).op('i32.rem_u').i32(panelsPerUnit).op('i32.mul').set(context.firstPanel);
  f.get(context.firstPanel).i32(panelsPerUnit).op('i32.add').set(context.endPanel);
  setSmaller(f, context.endPanel, widePanels + narrowPanels);
  f.get(unit).i32(panelBlocks).op('i32.div_u').set(rest);
  f.get(rest).i32(rowBlocks).op('i32.rem_u').i32(rowsPerUnit).op('i32.mul').set(context.firstRow);
  f.get(context.firstRow).i32(rowsPerUnit).op('i32.add').set(context.endRow);
  setSmaller(f, context.endRow, contraction.rows);
  f.get(rest).i32(rowBlocks).op('i32.div_u').set(rest);
  for (const axis of [...contraction.outerAxes].reverse()) {
    f.get(rest).i32(body.domain[axis]!).op('i32.rem_u').set(index[axis]!);
    f.get(rest).i32(body.domain[axis]!).op('i32.div_u').set(rest);
  }
}

function emitOrigin(context: Context, factor: Factor, operands: readonly Local[], origin: Local): void {
  const { f, contraction, index } = context;
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

function emitUnitOutput(context: Context, output: Local): void {
  const { f, body, contraction, index } = context;
  f.get(output);
  for (const axis of contraction.outerAxes) {
    const stride = product(body.domain.slice(axis + 1));
    f.get(index[axis]!)
      .i32(4 * stride)
      .op('i32.mul', 'i32.add');
  }
  f.set(context.output);
}

/** All turns of a unit, in blocks that leave partial sums in scratch memory. */
function emitBlocks(context: Context): void {
  const { f, schedule, firstTurn } = context;
  const { turns, turnsPerBlock } = schedule;
  f.i32(0).set(firstTurn);
  if (turnsPerBlock >= turns) {
    emitBlock(context, { turns, isFirst: true, isLast: true });
    return;
  }
  const before = Math.ceil(turns / turnsPerBlock) - 1;
  const scratch = scratchOf(schedule);
  f.get(context.scratch)
    .i32(scratch.sums)
    .op('i32.add')
    .i32(0)
    .i32(scratch.left - scratch.sums)
    .memoryFill();
  f.loop((next) => {
    emitBlock(context, { turns: turnsPerBlock, isFirst: false, isLast: false });
    f.get(firstTurn).i32(turnsPerBlock).op('i32.add').tee(firstTurn);
    f.i32(before * turnsPerBlock)
      .op('i32.lt_u')
      .brIf(next);
  });
  emitBlock(context, { turns: turns - before * turnsPerBlock, isFirst: false, isLast: true });
}

interface Block {
  readonly turns: number;
  /** Sums begin with +0 and not with what scratch memory holds. */
  readonly isFirst: boolean;
  /** The sums are complete. */
  readonly isLast: boolean;
}

function emitBlock(context: Context, block: Block): void {
  const { f, schedule, firstPanel, endPanel, panel, sums } = context;
  const { widePanels, narrowPanels, packsLeft } = schedule;
  if (packsLeft) emitPackLeft(context, block);
  f.get(context.scratch).i32(scratchOf(schedule).sums).op('i32.add').set(sums);
  f.get(firstPanel).set(panel);
  const panels = (width: number, pushEnd: () => void, setColumn: () => void): void => {
    f.block((done) => {
      f.loop((next) => {
        f.get(panel);
        pushEnd();
        f.op('i32.ge_u').brIf(done);
        setColumn();
        emitPanel(context, block, width);
        f.increment(panel, 1).br(next);
      });
    });
  };
  const { columns } = context.contraction;
  const setColumn = (pushNumber: () => void, width: number): void => {
    // The last panel overlaps the one before it: some outputs are computed twice, to the same bits.
    pushNumber();
    f.i32(width).op('i32.mul').set(context.column);
    setSmaller(f, context.column, columns - width);
  };
  if (widePanels > 0) {
    const pushEnd = (): void => {
      f.get(endPanel).i32(widePanels).get(endPanel).i32(widePanels).op('i32.lt_u', 'select');
    };
    panels(WIDE, pushEnd, () => setColumn(() => f.get(panel), WIDE));
  }
  if (narrowPanels > 0) {
    const behindWide = columns < WIDE ? 0 : Math.floor((columns - NARROW) / NARROW) + 1;
    panels(
      NARROW,
      () => f.get(endPanel),
      () =>
        setColumn(
          () =>
            f
              .get(panel)
              .i32(behindWide - widePanels)
              .op('i32.add'),
          NARROW,
        ),
    );
  }
}

/** Packs the unit's rows, group by group. */
function emitPackLeft(context: Context, block: Block): void {
  const { f, body, schedule, contraction, packedLeft } = context;
  const { left, rowAxis } = contraction;
  const source: PanelSource = {
    laneStride: left.index[rowAxis]!,
    turnStrides: left.reduce,
    turnExtents: body.reduction,
  };
  f.get(context.scratch).i32(scratchOf(schedule).left).op('i32.add').set(packedLeft);
  emitRowGroups(context, () => {
    emitPackPanel({
      f,
      source,
      lanes: schedule.tileRows,
      turns: block.turns,
      pushOrigin: () => pushLeftAddress(context),
      pushFirstTurn: block.isFirst ? undefined : () => f.get(context.firstTurn),
      destination: packedLeft,
    });
    f.increment(packedLeft, 4 * schedule.tileRows * block.turns);
  });
}

function pushLeftAddress({ f, contraction, leftOrigin, row }: Context): void {
  f.get(row)
    .i32(4 * contraction.left.index[contraction.rowAxis]!)
    .op('i32.mul')
    .get(leftOrigin)
    .op('i32.add');
}

/** Walks the unit's rows in groups; the last group overlaps the one before it. */
function emitRowGroups(context: Context, body: () => void): void {
  const { f, schedule, contraction, firstRow, endRow, row } = context;
  const { tileRows } = schedule;
  const at = f.local('i32');
  f.get(firstRow).set(at);
  f.loop((next) => {
    f.get(at).set(row);
    if (contraction.rows % tileRows !== 0) setSmaller(f, row, contraction.rows - tileRows);
    body();
    f.get(at).i32(tileRows).op('i32.add').tee(at).get(endRow).op('i32.lt_u').brIf(next);
  });
  f.release(at);
}

/** One panel of columns for all rows of the unit. */
function emitPanel(context: Context, block: Block, width: number): void {
  const { f, body, contraction, schedule, scratch, packedLeft, sums } = context;
  const { right, columnAxis } = contraction;
  emitPackPanel({
    f,
    source: { laneStride: right.index[columnAxis]!, turnStrides: right.reduce, turnExtents: body.reduction },
    lanes: width,
    turns: block.turns,
    pushOrigin: () =>
      f
        .get(context.column)
        .i32(4 * right.index[columnAxis]!)
        .op('i32.mul')
        .get(context.rightOrigin)
        .op('i32.add'),
    pushFirstTurn: block.isFirst ? undefined : () => f.get(context.firstTurn),
    destination: scratch,
  });
  f.get(scratch).i32(scratchOf(schedule).left).op('i32.add').set(packedLeft);
  emitRowGroups(context, () => {
    emitTile(context, block, width);
    if (schedule.packsLeft) f.increment(packedLeft, 4 * schedule.tileRows * block.turns);
    if (!(block.isFirst && block.isLast)) f.increment(sums, 4 * schedule.tileRows * width);
  });
}

function emitTile(context: Context, block: Block, width: number): void {
  const { f, schedule, contraction, scratch, sums } = context;
  const { tileRows, packsLeft } = schedule;
  const vectors = width / 4;
  const accumulators = Array.from({ length: tileRows }, () => f.locals(vectors, 'v128'));
  const eachAccumulator = (visit: (local: Local, offset: number) => void): void => {
    accumulators.forEach((locals, tileRow) => {
      locals.forEach((local, vector) => {
        visit(local, 4 * (tileRow * width + 4 * vector));
      });
    });
  };
  eachAccumulator((local, offset) => {
    if (block.isFirst) f.v128(0).set(local);
    else f.get(sums).mem('v128.load', offset).set(local);
  });
  const left = contraction.left.index[contraction.rowAxis]!;
  emitTileFold({
    f,
    accumulators,
    turns: block.turns,
    rowStride: packsLeft ? 1 : left,
    turnStride: packsLeft ? tileRows : 1,
    width,
    pushLeft: () => {
      if (packsLeft) f.get(context.packedLeft);
      else {
        pushLeftAddress(context);
        if (!block.isFirst) f.get(context.firstTurn).i32(2).op('i32.shl', 'i32.add');
      }
    },
    right: scratch,
  });
  if (block.isLast) emitFinish(context, accumulators);
  else eachAccumulator((local, offset) => f.get(sums).get(local).mem('v128.store', offset));
  for (const locals of accumulators) f.release(...locals);
}

/** Applies `finish` to the sums of a tile and stores them. */
function emitFinish(context: Context, accumulators: readonly (readonly Local[])[]): void {
  const { f, body, contraction, emitter, index, row, column } = context;
  const { rowAxis, columnAxis, rowStride } = contraction;
  const { finishLevel } = emitter.placement;
  f.get(column).set(index[columnAxis]!);
  accumulators.forEach((locals, tileRow) => {
    f.get(row).i32(tileRow).op('i32.add').set(index[rowAxis]!);
    emitter.openLevel(LEVELS.row);
    emitter.bindAccumulators([locals]);
    emitter.openLevel(finishLevel, locals.length);
    locals.forEach((_, copy) => {
      f.get(index[rowAxis]!)
        .i32(4 * rowStride)
        .op('i32.mul')
        .get(column)
        .i32(2)
        .op('i32.shl', 'i32.add');
      f.get(context.output).op('i32.add');
      emitter.push(body.finish, 'vector', copy);
      if (body.dtype === 'f32' && !isCanonical(body, body.finish)) emitter.vector.canonicalise();
      f.mem('v128.store', 16 * copy);
    });
    emitter.closeLevel(finishLevel);
    emitter.closeLevel(LEVELS.row);
  });
}
