/** How a contraction's outputs are cut into tiles, units and chunks, and what a thread keeps in scratch memory. */
import { product } from '../../expr/operator.js';
import type { Contraction } from '../plan/contraction.js';
import type { KernelBody } from '../plan/kernel-body.js';
import { chunkNanoseconds } from './kernel.js';

/** A register tile and how many turns of its loop are unrolled. */
interface Tile {
  readonly rows: number;
  readonly columns: number;
  readonly unrolledTurns: number;
}

/** 8 accumulators, 2 vectors of columns and 1 row value fit in V8's 15 registers. */
const SQUARE_TILE: Tile = { rows: 4, columns: 8, unrolledTurns: 4 };
/** 8 accumulators, 4 vectors of columns and 1 row value. */
const LONG_TILE: Tile = { rows: 2, columns: 16, unrolledTurns: 8 };
export const NARROW = 4;
/** So many that packing a right panel costs little beside its use. */
const ROWS_PER_UNIT = 128;
/** Rows of a packed group of the left factor: a cache line where rows lie next to each other. */
const PACKED_ROWS = 16;
/** Limits that keep a right panel, and beside it a packed group, in the first cache. */
const TURNS_PER_BLOCK = { plain: 512, packed: 256 } as const;
/** Turns of a run that is read in place, which blocks do not cut. */
const LONGEST_RUN = 2048;
const FLOPS_PER_NANOSECOND = 24;
/** Fewer units than this leave a thread idle at the end of a large contraction. */
const FEWEST_UNITS = 8;

export interface ContractionSchedule {
  /** Rows of a tile; fewer than its tile has only where there are no more. */
  readonly tileRows: number;
  /** Columns of a wide panel. */
  readonly wide: number;
  readonly unrolledTurns: number;
  readonly rowsPerUnit: number;
  readonly rowBlocks: number;
  readonly widePanels: number;
  readonly narrowPanels: number;
  readonly panelsPerUnit: number;
  readonly panelBlocks: number;
  /** Axes that a unit walks along with one packed panel, because the right factor does not depend on them. */
  readonly spanAxes: readonly number[];
  readonly spansPerUnit: number;
  readonly spanBlocks: number;
  /** The other axes besides rows and columns. */
  readonly unitAxes: readonly number[];
  readonly turns: number;
  /** Turns between which partial sums are put aside, so that panels stay in the cache. */
  readonly turnsPerBlock: number;
  readonly packsLeft: boolean;
  /** Rows that are packed together; a multiple of `tileRows`. */
  readonly packedRows: number;
  /** Units: unit axes × blocks of spans × blocks of rows × blocks of panels. */
  readonly units: number;
  readonly unitsPerChunk: number;
}

/** The schedule of a contraction; it decides no bit. */
export function scheduleOf(body: KernelBody, contraction: Contraction): ContractionSchedule {
  const { rows, columns, left } = contraction;
  const turns = product(body.reduction);
  const tile = tileFor(contraction);
  const isInPlace = left.reduce.at(-1) === 1 && left.index[contraction.rowAxis]! > 0;
  const packsLeft = !isInPlace || (body.reduction.length > 1 && body.reduction.at(-1)! > LONGEST_RUN);
  const tileRows = Math.min(tile.rows, rows);
  const packedRows = rows < PACKED_ROWS ? tileRows : PACKED_ROWS;
  const panels = panelsOf(columns, tile.columns);
  const spans = spansOf(body, contraction, packsLeft);
  const unit = unitOf({ body, contraction, tile, packsLeft, packedRows, turns, spans: spans.count, ...panels });
  const count = panels.widePanels + panels.narrowPanels;
  const rowBlocks = Math.ceil(rows / unit.rows);
  const panelBlocks = Math.ceil(count / unit.panels);
  const spanBlocks = Math.ceil(spans.count / unit.spans);
  return {
    ...panels,
    tileRows,
    wide: tile.columns,
    unrolledTurns: tile.unrolledTurns,
    rowsPerUnit: unit.rows,
    rowBlocks,
    panelsPerUnit: unit.panels,
    panelBlocks,
    spanAxes: spans.axes,
    spansPerUnit: unit.spans,
    spanBlocks,
    unitAxes: contraction.outerAxes.filter((axis) => !spans.axes.includes(axis)),
    turns,
    turnsPerBlock: turnsPerBlock(body.reduction, packsLeft),
    packsLeft,
    packedRows,
    units: unit.count,
    unitsPerChunk: Math.max(1, Math.floor(unit.chunkFlops / unit.flops)),
  };
}

/** Long tiles are a little faster, unless much of them would lie outside. */
function tileFor({ rows, columns }: Contraction): Tile {
  const rest = columns % LONG_TILE.columns;
  const fitsColumns = columns >= LONG_TILE.columns && (rest === 0 || rest > LONG_TILE.columns / 2);
  const fitsRows = rows <= LONG_TILE.rows || rows >= SQUARE_TILE.rows;
  return fitsColumns && fitsRows ? LONG_TILE : SQUARE_TILE;
}

function panelsOf(columns: number, wide: number): { readonly widePanels: number; readonly narrowPanels: number } {
  const rest = columns % wide;
  const extraWide = columns > wide && rest > NARROW ? 1 : 0;
  const widePanels = Math.floor(columns / wide) + extraWide;
  const narrowPanels = rest === 0 || extraWide === 1 ? 0 : Math.ceil((columns < wide ? columns : rest) / NARROW);
  return { widePanels, narrowPanels };
}

/** A packed left factor belongs to one position along these axes, so a unit has no spans then. */
function spansOf(
  { domain }: KernelBody,
  { right, outerAxes }: Contraction,
  packsLeft: boolean,
): { readonly axes: readonly number[]; readonly count: number } {
  const axes = packsLeft ? [] : outerAxes.filter((axis) => right.index[axis] === 0);
  return { axes, count: product(axes.map((axis) => domain[axis]!)) };
}

/** Blocks hold whole runs along the last reduction axis, where these are not too long themselves. */
function turnsPerBlock(reduction: readonly number[], packsLeft: boolean): number {
  const turns = product(reduction);
  const most = packsLeft ? TURNS_PER_BLOCK.packed : TURNS_PER_BLOCK.plain;
  const run = reduction.length > 1 && (!packsLeft || reduction.at(-1)! <= most) ? reduction.at(-1)! : 1;
  const runs = turns / run;
  const blocks = Math.min(runs, Math.ceil(turns / most));
  return run * Math.ceil(runs / blocks);
}

interface UnitParameters {
  readonly body: KernelBody;
  readonly contraction: Contraction;
  readonly tile: Tile;
  readonly packsLeft: boolean;
  readonly packedRows: number;
  readonly turns: number;
  readonly spans: number;
  readonly widePanels: number;
  readonly narrowPanels: number;
}

interface Unit {
  readonly rows: number;
  readonly panels: number;
  readonly spans: number;
  /** How many units there are. */
  readonly count: number;
  readonly flops: number;
  /** How much a chunk should be. */
  readonly chunkFlops: number;
}

/** How much one packed panel serves, and how many panels follow each other. */
function unitOf(parameters: UnitParameters): Unit {
  const { body, contraction, tile, packsLeft, packedRows, turns } = parameters;
  const panelCount = parameters.widePanels + parameters.narrowPanels;
  const outer = product(contraction.outerAxes.map((axis) => body.domain[axis]!)) / parameters.spans;
  const total = 2 * product(body.domain) * turns;
  const chunkFlops = FLOPS_PER_NANOSECOND * chunkNanoseconds(total / FLOPS_PER_NANOSECOND);
  const rowBlocks = Math.ceil(contraction.rows / ROWS_PER_UNIT);
  let rows = packedRows * Math.ceil(contraction.rows / rowBlocks / packedRows);
  const spans = Math.max(1, Math.min(parameters.spans, Math.floor(ROWS_PER_UNIT / contraction.rows)));
  const flopsOf = (panels: number): number =>
    2 * Math.min(rows, contraction.rows) * spans * tile.columns * turns * panels;
  // A packed left factor should serve several panels.
  const wanted = Math.max(packsLeft ? 4 : 1, Math.round(chunkFlops / flopsOf(1)));
  let panels = Math.ceil(panelCount / Math.ceil(panelCount / Math.min(panelCount, wanted)));
  const countOf = (): number =>
    outer * Math.ceil(parameters.spans / spans) * Math.ceil(contraction.rows / rows) * Math.ceil(panelCount / panels);
  while (countOf() < FEWEST_UNITS && flopsOf(panels) > 2 * chunkFlops) {
    if (panels > 1) panels = Math.ceil(panels / 2);
    else if (rows > packedRows) rows = packedRows * Math.ceil(rows / packedRows / 2);
    else break;
  }
  return { rows, panels, spans, count: countOf(), flops: flopsOf(panels), chunkFlops };
}

/** Offsets in a thread's scratch memory: the right panel, partial sums, the packed left factor. */
export function scratchOf(schedule: ContractionSchedule): {
  readonly sums: number;
  readonly left: number;
  readonly end: number;
} {
  const { turnsPerBlock, turns, packedRows, wide, rowsPerUnit, panelsPerUnit, spansPerUnit, packsLeft } = schedule;
  const sums = 4 * wide * turnsPerBlock;
  const partial = 4 * rowsPerUnit * wide * panelsPerUnit * spansPerUnit;
  const left = sums + (turnsPerBlock < turns ? partial : 0);
  const end = left + (packsLeft ? 4 * (rowsPerUnit + packedRows) * turnsPerBlock : 0);
  return { sums, left, end };
}
