/** The blocks of a contraction's unit: panels are packed, tiles summed and finished. */
import type { Local } from '../../wasm/function-builder.js';
import { LEVELS } from '../plan/representation.js';
import { type ContractionContext, setCoordinates, setOrigin, setOutput, setSmaller } from './contraction-context.js';
import { NARROW, scratchOf } from './contraction-schedule.js';
import { isCanonical } from './generic-kernel.js';
import { emitPackPanel, type PanelSource } from './panel-packing.js';
import { emitTileFold, type TileFoldParameters } from './tile-fold.js';

/** All turns of a unit, in blocks that leave partial sums in scratch memory. */
export function emitBlocks(context: ContractionContext): void {
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

function emitBlock(context: ContractionContext, block: Block): void {
  const { f, schedule, firstPanel, endPanel, panel, sums } = context;
  const { wide, widePanels, narrowPanels, packsLeft } = schedule;
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
    panels(wide, pushEnd, () => setColumn(() => f.get(panel), wide));
  }
  if (narrowPanels > 0) {
    const behindWide = columns < wide ? 0 : (columns - (columns % wide)) / NARROW;
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
function emitPackLeft(context: ContractionContext, block: Block): void {
  const { f, body, schedule, contraction } = context;
  const { packedRows } = schedule;
  const destination = f.local('i32');
  const { left, rowAxis } = contraction;
  const source: PanelSource = {
    laneStride: left.index[rowAxis]!,
    turnStrides: left.reduce,
    turnExtents: body.reduction,
  };
  f.get(context.scratch).i32(scratchOf(schedule).left).op('i32.add').set(destination);
  emitRowGroups(context, packedRows, () => {
    emitPackPanel({
      f,
      source,
      lanes: packedRows,
      turns: block.turns,
      pushOrigin: () => pushLeftAddress(context),
      pushFirstTurn: block.isFirst ? undefined : () => f.get(context.firstTurn),
      destination,
    });
    f.increment(destination, 4 * packedRows * block.turns);
  });
  f.release(destination);
}

function pushLeftAddress({ f, contraction, leftOrigin, row }: ContractionContext): void {
  f.get(row)
    .i32(4 * contraction.left.index[contraction.rowAxis]!)
    .op('i32.mul')
    .get(leftOrigin)
    .op('i32.add');
}

/** Address of the packed values of the tile's first row; its group, too, may overlap the one before it. */
function pushPackedAddress(context: ContractionContext, block: Block): void {
  const { f, schedule, contraction, firstRow, row, rowAt } = context;
  const { packedRows } = schedule;
  const [group, groupRow] = f.locals(2, 'i32') as [Local, Local];
  f.get(rowAt).get(firstRow).op('i32.sub').i32(packedRows).op('i32.div_u').tee(group);
  f.i32(packedRows).op('i32.mul').get(firstRow).op('i32.add').set(groupRow);
  if (contraction.rows % packedRows !== 0) setSmaller(f, groupRow, contraction.rows - packedRows);
  f.get(group)
    .i32(4 * packedRows * block.turns)
    .op('i32.mul');
  f.get(row).get(groupRow).op('i32.sub').i32(2).op('i32.shl', 'i32.add');
  f.get(context.scratch).op('i32.add').i32(scratchOf(schedule).left).op('i32.add');
  f.release(group, groupRow);
}

/** Walks the unit's rows in groups; the last group overlaps the one before it. */
function emitRowGroups(context: ContractionContext, groupRows: number, body: () => void): void {
  const { f, contraction, firstRow, endRow, row, rowAt } = context;
  f.get(firstRow).set(rowAt);
  f.loop((next) => {
    f.get(rowAt).set(row);
    if (contraction.rows % groupRows !== 0) setSmaller(f, row, contraction.rows - groupRows);
    body();
    f.get(rowAt).i32(groupRows).op('i32.add').tee(rowAt).get(endRow).op('i32.lt_u').brIf(next);
  });
}

/** One panel of columns for all rows of the unit. */
function emitPanel(context: ContractionContext, block: Block, width: number): void {
  const { f, body, contraction, schedule, scratch, sums } = context;
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
  emitSpans(context, () => {
    emitRowGroups(context, schedule.tileRows, () => {
      emitTile(context, block, width);
      if (!(block.isFirst && block.isLast)) f.increment(sums, 4 * schedule.tileRows * width);
    });
  });
}

/** Walks the unit's spans, all with the same right panel. */
function emitSpans(context: ContractionContext, body: () => void): void {
  const { f, schedule, contraction, firstSpan, endSpan, span } = context;
  if (schedule.spanAxes.length === 0) {
    body();
    return;
  }
  const position = f.local('i32');
  f.get(firstSpan).set(span);
  f.loop((next) => {
    f.get(span).set(position);
    setCoordinates(context, schedule.spanAxes, position);
    setOrigin(context, contraction.left, context.leftOrigin);
    setOutput(context);
    body();
    f.get(span).i32(1).op('i32.add').tee(span).get(endSpan).op('i32.lt_u').brIf(next);
  });
  f.release(position);
}

function emitTile(context: ContractionContext, block: Block, width: number): void {
  const { f, body, schedule, contraction, scratch, sums } = context;
  const { tileRows, packedRows, packsLeft } = schedule;
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
    unrolledTurns: schedule.unrolledTurns,
    rowStride: packsLeft ? 1 : left,
    turnStride: packsLeft ? packedRows : 1,
    ...segmentsOf(context, block),
    width,
    pushLeft: () => {
      if (packsLeft) pushPackedAddress(context, block);
      else {
        pushLeftAddress(context);
        if (!block.isFirst && body.reduction.length === 1) f.get(context.firstTurn).i32(2).op('i32.shl', 'i32.add');
      }
    },
    right: scratch,
  });
  if (block.isLast) emitFinish(context, accumulators);
  else eachAccumulator((local, offset) => f.get(sums).get(local).mem('v128.store', offset));
  for (const locals of accumulators) f.release(...locals);
}

/** How the left factor lies: in one piece where it is packed or has one axis, else in runs along the last axis. */
function segmentsOf(
  { f, body, schedule, contraction, firstTurn }: ContractionContext,
  block: Block,
): Pick<TileFoldParameters, 'segment' | 'axes' | 'pushFirstSegment'> {
  const { reduction } = body;
  if (schedule.packsLeft || reduction.length === 1) {
    return { segment: block.turns, axes: [], pushFirstSegment: undefined };
  }
  const segment = reduction.at(-1)!;
  const axes = reduction.slice(0, -1).map((extent, axis) => ({ extent, stride: contraction.left.reduce[axis]! }));
  const pushFirstSegment = (): void => {
    f.get(firstTurn).i32(segment).op('i32.div_u');
  };
  return { segment, axes, pushFirstSegment: block.isFirst ? undefined : pushFirstSegment };
}

/** Applies `finish` to the sums of a tile and stores them. */
function emitFinish(context: ContractionContext, accumulators: readonly (readonly Local[])[]): void {
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
