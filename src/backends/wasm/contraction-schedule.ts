/** How a contraction's outputs are cut into tiles, units and chunks, and what a thread keeps in scratch memory. */
import { product } from '../../expr/operator.js';
import type { Contraction } from './contraction.js';
import { CHUNK_NANOSECONDS } from './kernel.js';
import type { KernelBody } from './kernel-body.js';

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
const FLOPS_PER_NANOSECOND = 24;

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
  readonly turns: number;
  /** Turns between which partial sums are put aside, so that panels stay in the cache. */
  readonly turnsPerBlock: number;
  readonly packsLeft: boolean;
  /** Rows that are packed together; a multiple of `tileRows`. */
  readonly packedRows: number;
  /** Units: outer coordinates × blocks of rows × blocks of panels. */
  readonly units: number;
  readonly unitsPerChunk: number;
}

/** The schedule of a contraction; it decides no bit. */
export function scheduleOf(body: KernelBody, contraction: Contraction): ContractionSchedule {
  const { rows, columns, left, outerAxes } = contraction;
  const turns = product(body.reduction);
  const tile = tileFor(contraction);
  const wide = tile.columns;
  const rest = columns % wide;
  const extraWide = columns > wide && rest > NARROW ? 1 : 0;
  const widePanels = Math.floor(columns / wide) + extraWide;
  const narrowPanels = rest === 0 || extraWide === 1 ? 0 : Math.ceil((columns < wide ? columns : rest) / NARROW);
  const panels = widePanels + narrowPanels;
  const tileRows = Math.min(tile.rows, rows);
  const rowBlocks = Math.ceil(rows / ROWS_PER_UNIT);
  const packedRows = rows < PACKED_ROWS ? tileRows : PACKED_ROWS;
  const rowsPerUnit = packedRows * Math.ceil(rows / rowBlocks / packedRows);
  const packsLeft = !(left.reduce.length === 1 && left.reduce[0] === 1 && left.index[contraction.rowAxis]! > 0);
  const chunkFlops = CHUNK_NANOSECONDS * FLOPS_PER_NANOSECOND;
  const panelFlops = 2 * rowsPerUnit * wide * turns;
  // A packed left factor should serve several panels.
  const wanted = Math.max(packsLeft ? 4 : 1, Math.round(chunkFlops / panelFlops));
  const panelBlocks = Math.ceil(panels / Math.min(panels, wanted));
  const panelsPerUnit = Math.ceil(panels / panelBlocks);
  const blocks = Math.ceil(turns / (packsLeft ? TURNS_PER_BLOCK.packed : TURNS_PER_BLOCK.plain));
  const outer = product(outerAxes.map((axis) => body.domain[axis]!));
  const units = outer * Math.ceil(rows / rowsPerUnit) * Math.ceil(panels / panelsPerUnit);
  const unitsPerChunk = Math.max(1, Math.round(chunkFlops / (panelFlops * panelsPerUnit)));
  return {
    tileRows,
    wide,
    unrolledTurns: tile.unrolledTurns,
    rowsPerUnit,
    rowBlocks: Math.ceil(rows / rowsPerUnit),
    widePanels,
    narrowPanels,
    panelsPerUnit,
    panelBlocks: Math.ceil(panels / panelsPerUnit),
    turns,
    turnsPerBlock: Math.ceil(turns / blocks),
    packsLeft,
    packedRows,
    units,
    unitsPerChunk,
  };
}

/** Long tiles are a little faster, unless much of them would lie outside. */
function tileFor({ rows, columns }: Contraction): Tile {
  const rest = columns % LONG_TILE.columns;
  const fitsColumns = columns >= LONG_TILE.columns && (rest === 0 || rest > LONG_TILE.columns / 2);
  const fitsRows = rows <= LONG_TILE.rows || rows >= SQUARE_TILE.rows;
  return fitsColumns && fitsRows ? LONG_TILE : SQUARE_TILE;
}

/** Offsets in a thread's scratch memory: the right panel, partial sums, the packed left factor. */
export function scratchOf(schedule: ContractionSchedule): {
  readonly sums: number;
  readonly left: number;
  readonly end: number;
} {
  const { turnsPerBlock, turns, packedRows, wide, rowsPerUnit, panelsPerUnit, packsLeft } = schedule;
  const sums = 4 * wide * turnsPerBlock;
  const left = sums + (turnsPerBlock < turns ? 4 * rowsPerUnit * wide * panelsPerUnit : 0);
  const end = left + (packsLeft ? 4 * (rowsPerUnit + packedRows) * turnsPerBlock : 0);
  return { sums, left, end };
}
