/** How a contraction's outputs are cut into tiles, units and chunks, and what a thread keeps in scratch memory. */
import { product } from '../../expr/operator.js';
import type { Contraction } from './contraction.js';
import { CHUNK_NANOSECONDS } from './kernel.js';
import type { KernelBody } from './kernel-body.js';

/** Rows and columns of a register tile: 8 accumulators, 2 columns and 1 row value fit in 15 registers. */
const TILE_ROWS = 4;
export const WIDE = 8;
export const NARROW = 4;
const ROWS_PER_UNIT = 64;
const FLOPS_PER_NANOSECOND = 24;

export interface ContractionSchedule {
  /** Rows of a tile; fewer than four only where there are no more. */
  readonly tileRows: number;
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
  /** Units: outer coordinates × blocks of rows × blocks of panels. */
  readonly units: number;
  readonly unitsPerChunk: number;
}

/** The schedule of a contraction; it decides no bit. */
export function scheduleOf(body: KernelBody, contraction: Contraction): ContractionSchedule {
  const { rows, columns, left, outerAxes } = contraction;
  const turns = product(body.reduction);
  const rest = columns % WIDE;
  const extraWide = columns > WIDE && rest > NARROW ? 1 : 0;
  const widePanels = Math.floor(columns / WIDE) + extraWide;
  const narrowPanels = rest === 0 || extraWide === 1 ? 0 : Math.ceil((columns < WIDE ? columns : rest) / NARROW);
  const panels = widePanels + narrowPanels;
  const tileRows = Math.min(TILE_ROWS, rows);
  const rowBlocks = Math.ceil(rows / ROWS_PER_UNIT);
  const rowsPerUnit = tileRows * Math.ceil(rows / rowBlocks / tileRows);
  const packsLeft = !(left.reduce.length === 1 && left.reduce[0] === 1 && left.index[contraction.rowAxis]! > 0);
  const chunkFlops = CHUNK_NANOSECONDS * FLOPS_PER_NANOSECOND;
  const panelFlops = 2 * rowsPerUnit * WIDE * turns;
  // A packed left factor should serve several panels.
  const wanted = Math.max(packsLeft ? 4 : 1, Math.round(chunkFlops / panelFlops));
  const panelBlocks = Math.ceil(panels / Math.min(panels, wanted));
  const panelsPerUnit = Math.ceil(panels / panelBlocks);
  const longest = packsLeft ? 384 : 1024;
  const turnsPerBlock = turns <= longest ? turns : packsLeft ? 256 : 512;
  const outer = product(outerAxes.map((axis) => body.domain[axis]!));
  const units = outer * Math.ceil(rows / rowsPerUnit) * Math.ceil(panels / panelsPerUnit);
  const unitsPerChunk = Math.max(1, Math.round(chunkFlops / (panelFlops * panelsPerUnit)));
  return {
    tileRows,
    rowsPerUnit,
    rowBlocks: Math.ceil(rows / rowsPerUnit),
    widePanels,
    narrowPanels,
    panelsPerUnit,
    panelBlocks: Math.ceil(panels / panelsPerUnit),
    turns,
    turnsPerBlock,
    packsLeft,
    units,
    unitsPerChunk,
  };
}

/** Offsets in a thread's scratch memory: the right panel, partial sums, the packed left factor. */
export function scratchOf(schedule: ContractionSchedule): {
  readonly sums: number;
  readonly left: number;
  readonly end: number;
} {
  const { turnsPerBlock, turns, tileRows, rowsPerUnit, panelsPerUnit, packsLeft } = schedule;
  const sums = 4 * WIDE * turnsPerBlock;
  const left = sums + (turnsPerBlock < turns ? 4 * rowsPerUnit * WIDE * panelsPerUnit : 0);
  const end = left + (packsLeft ? 4 * (rowsPerUnit + tileRows) * turnsPerBlock : 0);
  return { sums, left, end };
}
