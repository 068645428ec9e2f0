/** How the outputs of a generic kernel are cut into rows, vectors and chunks. */
import { product, stridesOf } from '../../expr/operator.js';
import type { KernelBody } from '../plan/kernel-body.js';
import { coefficientOf } from '../plan/linear-form.js';
import { chunkNanoseconds } from './kernel.js';

export interface GenericSchedule {
  readonly vectorAxis: number;
  /** Extent of the vector axis; 1 without one. */
  readonly width: number;
  readonly rows: number;
  readonly rowsPerChunk: number;
  /** Outputs of a row that one chunk computes; the width where rows are not cut. */
  readonly piece: number;
  /** Vectors that one turn of the main loop computes. */
  readonly copies: number;
  /** True where the rows of the output lie one after the other. */
  readonly isContiguous: boolean;
}

/** The schedule of a body; it decides no bit. */
export function scheduleOf(body: KernelBody): GenericSchedule {
  const last = body.domain.length - 1;
  const vectorAxis = last >= 0 && body.domain[last]! >= 4 ? last : -1;
  const width = vectorAxis < 0 ? 1 : body.domain[last]!;
  const rows = product(body.domain) / width;
  const copies = vectorAxis < 0 ? 1 : copiesFor(body, width);
  const rowNanoseconds = width * elementNanoseconds(body) * (vectorAxis < 0 ? 3 : 1);
  const chunk = chunkNanoseconds(rows * rowNanoseconds);
  let rowsPerChunk = 1;
  let piece = width;
  if (rowNanoseconds < chunk) {
    rowsPerChunk = Math.max(1, Math.min(rows, Math.round(chunk / rowNanoseconds)));
  } else if (vectorAxis >= 0) {
    piece = 16 * Math.ceil((width * chunk) / rowNanoseconds / 16);
  }
  const isContiguous = liesContiguously(body);
  return { vectorAxis, width, rows, rowsPerChunk, piece: Math.min(width, piece), copies, isContiguous };
}

function liesContiguously({ domain, output }: KernelBody): boolean {
  const strides = stridesOf(domain);
  return output.constant === 0 && domain.every((_, axis) => coefficientOf(output, 'index', axis) === strides[axis]);
}

/** Several vectors at once hide latency and save loop work. */
function copiesFor(body: KernelBody, width: number): number {
  for (let copies = mostCopies(body); copies > 1; copies /= 2) if (width >= 4 * copies) return copies;
  return 1;
}

/** As measured: sums of a few loads, then Adam and the like, then exp and the like, then random numbers. */
function mostCopies(body: KernelBody): number {
  const size = body.nodes.filter((node) => node.op !== 'const' && node.op !== 'linear').length;
  if (size <= 8) return 4;
  if (size <= 20 || body.siblings.length > 0) return 2;
  if (size <= 64) return 4;
  return size <= 256 ? 2 : 1;
}

const SLOW_INSTRUCTIONS: Readonly<Record<string, number>> = {
  fdiv: 0.6,
  fsqrt: 0.8,
  fma: 10,
  idivu: 2,
  iremu: 2,
  load: 0.2,
};

/** A rough estimate of the time for one output; it only decides how large chunks are. */
function elementNanoseconds(body: KernelBody): number {
  const turns = body.update.length > 0 ? Math.max(1, product(body.reduction)) : 1;
  const each = body.nodes.reduce((sum, node) => sum + (SLOW_INSTRUCTIONS[node.op] ?? 0.1), 0.1);
  return each * turns;
}
