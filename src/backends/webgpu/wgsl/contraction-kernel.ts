/**
 * The kernel for sums of products (matrix products, convolutions and their gradients): a workgroup computes a tile of
 * the output from tiles of both factors in its own memory, an invocation a square of elements in registers. Each element
 * is still summed in the order of its definition.
 */
import { product, stridesOf } from '../../../expr/operator.js';
import { type Contraction, contractionOf, type Factor } from '../../plan/contraction.js';
import { literal } from './arithmetic.js';
import {
  coordinatesCode,
  declareNode,
  type PlacedBody,
  reachableFrom,
  readerFunctions,
  storedValue,
} from './body-code.js';
import { baseCode, type Frame, readCode, shaderCode, writeCode } from './frame.js';
import { type KernelCode, MAX_GROUPS } from './kernel-code.js';

/** Invocations along each side of a workgroup, and turns of the fold that a tile holds. */
const SIDE = 16;
const INVOCATIONS = SIDE * SIDE;
/** Fewer workgroups than this leave a device idle; smaller squares are better then. */
const ENOUGH_GROUPS = 64;

interface TiledFactor {
  readonly name: 'left' | 'right';
  readonly factor: Factor;
  /** The axes that the tile's long side runs along, their product, and the workgroup's first element. */
  readonly axes: readonly number[];
  readonly extent: number;
  readonly first: string;
}

interface Tiling {
  readonly placed: PlacedBody;
  readonly rows: TiledFactor;
  readonly columns: TiledFactor;
  /** Axes along which both factors change. */
  readonly outer: readonly number[];
  readonly turns: number;
  /** Elements of an invocation along each side of its square. */
  readonly square: number;
}

/** The kernel of a body that is a sum of products of suitable size, or undefined. */
export function contractionKernel(frame: Frame, placed: PlacedBody): KernelCode | undefined {
  const contraction = contractionOf(placed.body);
  const tiling = contraction && tilingOf(placed, contraction);
  if (tiling === undefined) return undefined;
  const [x, y, z] = gridOf(tiling, tiling.square);
  if (Math.max(x, y, z) > MAX_GROUPS) return undefined;
  return { code: kernelText(frame, tiling), dispatch: [x, y, z] };
}

function tilingOf(placed: PlacedBody, { left, right }: Contraction): Tiling {
  const { domain, reduction } = placed.body;
  const axes = [...domain.keys()];
  const changes = ({ index }: Factor, axis: number): boolean => index[axis] !== 0;
  const select = (keep: (axis: number) => boolean) => {
    const chosen = axes.filter(keep);
    return { axes: chosen, extent: product(chosen.map((axis) => domain[axis]!)) };
  };
  const rows = select((axis) => !changes(right, axis));
  const columns = select((axis) => changes(right, axis) && !changes(left, axis));
  const tiling = {
    placed,
    rows: { name: 'left', factor: left, ...rows, first: 'first_row' },
    columns: { name: 'right', factor: right, ...columns, first: 'first_column' },
    outer: axes.filter((axis) => changes(left, axis) && changes(right, axis)),
    turns: product(reduction),
  } as const;
  const isEnough = (square: number): boolean => product(gridOf(tiling, square)) >= ENOUGH_GROUPS;
  return { ...tiling, square: [4, 2].find(isEnough) ?? 1 };
}

function gridOf({ rows, columns, outer, placed }: Omit<Tiling, 'square'>, square: number): [number, number, number] {
  const tiles = (extent: number): number => Math.ceil(extent / (SIDE * square));
  return [tiles(columns.extent), tiles(rows.extent), product(outer.map((axis) => placed.body.domain[axis]!))];
}

function kernelText(frame: Frame, tiling: Tiling): string {
  const { placed, rows, columns, square } = tiling;
  const side = SIDE * square;
  const parts = [...Array(square).keys()].flatMap((part) => [
    partCode(rows, part, side, tiling),
    partCode(columns, part, side, tiling),
  ]);
  const own = `${readerFunctions(placed)}
var<workgroup> left_tile: array<u32, ${SIDE * side}>;
var<workgroup> right_tile: array<u32, ${SIDE * side}>;
${addressFunctions(tiling)}
${storeFunction(tiling)}
@compute @workgroup_size(${SIDE}, ${SIDE})
fn main(@builtin(local_invocation_id) local: vec3<u32>, @builtin(local_invocation_index) number: u32,
        @builtin(workgroup_id) group: vec3<u32>) {
  let first_row = group.y * ${literal(side)};
  let first_column = group.x * ${literal(side)};
  ${parts.join('\n  ')}
  ${eachElement(square, (row, column) => `var s${row}_${column} = 0u ^ call.zero;`)}
  ${foldText(tiling)}
  let row = first_row + local.y * ${literal(square)};
  let column = first_column + local.x * ${literal(square)};
  ${eachElement(square, (at, to) => `store_element(group.z, row + ${literal(at)}, column + ${literal(to)}, s${at}_${to});`)}
}
`;
  return shaderCode(frame, 1 + placed.operands.length, own);
}

/** A statement for each element of an invocation's square. */
function eachElement(square: number, code: (row: number, column: number) => string): string {
  const side = [...Array(square).keys()];
  return side.flatMap((row) => side.map((column) => code(row, column))).join('\n  ');
}

/** The loop over all turns, a tile of them at a time. */
function foldText(tiling: Tiling): string {
  const { rows, columns, turns, square } = tiling;
  const side = [...Array(square).keys()];
  const first = `turn * ${literal(SIDE * square)}`;
  const fills = side.flatMap((part) => [fillCode(rows, part, tiling), fillCode(columns, part, tiling)]);
  const reads = side.flatMap((at) => [
    `let x${at} = left_tile[${first} + local.y * ${literal(square)} + ${literal(at)}];`,
    `let y${at} = right_tile[${first} + local.x * ${literal(square)} + ${literal(at)}];`,
  ]);
  const sum = (row: number, column: number): string =>
    `s${row}_${column} = f_add(s${row}_${column}, f_mul(x${row}, y${column}));`;
  return `for (var first_turn = 0u; first_turn < ${literal(turns)}; first_turn += ${literal(SIDE)}) {
    ${fills.join('\n    ')}
    workgroupBarrier();
    let turns = min(${literal(SIDE)}, ${literal(turns)} - first_turn);
    for (var turn = 0u; turn < turns; turn++) {
      ${reads.join('\n      ')}
      ${eachElement(square, sum)}
    }
    workgroupBarrier();
  }`;
}

/** Where the factors' elements lie: a part by the output's coordinates, a part by the turn. */
function addressFunctions({ placed, rows, columns, outer }: Tiling): string {
  const { domain, reduction } = placed.body;
  const outside = coordinatesCode('outer', outer, domain);
  return [rows, columns]
    .map(({ name, factor, axes }) => {
      const along = [...outer, ...axes].map((axis) => `i${axis} * ${literal(factor.index[axis]!)}`);
      const turns = [...reduction.keys()].map((axis) => `i${axis} * ${literal(factor.reduce[axis]!)}`);
      return `
fn ${name}_base(outer: u32, at: u32) -> u32 {
  ${outside}
  ${coordinatesCode('at', axes, domain)}
  return ${[`${baseCode(factor.operand + 1)}`, literal(factor.constant), ...along].join(' + ')};
}
fn ${name}_turn(turn: u32) -> u32 {
  ${coordinatesCode('turn', [...reduction.keys()], reduction)}
  return ${turns.length === 0 ? '0u' : turns.join(' + ')};
}`;
    })
    .join('\n');
}

/** True where neighbours in the fold are closer in memory than neighbours along the tile. */
function runsAlongTurns({ factor, axes }: TiledFactor): boolean {
  const last = axes.at(-1);
  return factor.reduce.at(-1) === 1 && (last === undefined || factor.index[last] !== 1);
}

/** The place in the tile that an invocation fills in a part, such that neighbours read neighbouring words. */
function partCode(tiled: TiledFactor, part: number, side: number, { square }: Tiling): string {
  const { name } = tiled;
  const position = `(number + ${literal(part * INVOCATIONS)})`;
  const [along, turn] = runsAlongTurns(tiled)
    ? [`${position} / ${literal(SIDE)}`, `${position} % ${literal(SIDE)}`]
    : [`${position} % ${literal(side)}`, `${position} / ${literal(SIDE * square)}`];
  return `let ${name}_along${part} = ${along};
  let ${name}_turn${part} = ${turn};
  let ${name}_base${part} = ${name}_base(group.z, ${tiled.first} + ${name}_along${part});`;
}

function fillCode(
  { name, factor, extent, first }: TiledFactor,
  part: number,
  { placed, turns, square }: Tiling,
): string {
  const turn = `first_turn + ${name}_turn${part}`;
  const word = `${name}_base${part} + ${name}_turn(${turn})`;
  return `if (${turn} < ${literal(turns)} && ${first} + ${name}_along${part} < ${literal(extent)}) {
      ${name}_tile[${name}_turn${part} * ${literal(SIDE * square)} + ${name}_along${part}] = ${readCode(placed.operands[factor.operand]!, word)};
    }`;
}

function storeFunction({ placed, rows, columns, outer }: Tiling): string {
  const { body, output } = placed;
  const strides = stridesOf(body.domain);
  const element = body.domain.map((_, axis) => `i${axis} * ${literal(strides[axis]!)}`).join(' + ');
  const needed = reachableFrom(body, [body.finish]);
  const nodes = [...body.nodes.keys()].filter((at) => needed.has(at));
  return `
fn store_element(outer: u32, row: u32, column: u32, a0: u32) {
  if (row >= ${literal(rows.extent)} || column >= ${literal(columns.extent)}) { return; }
  ${coordinatesCode('outer', outer, body.domain)}
  ${coordinatesCode('row', rows.axes, body.domain)}
  ${coordinatesCode('column', columns.axes, body.domain)}
  ${nodes.map((at) => declareNode(placed, at)).join('\n  ')}
  ${writeCode(output, `${baseCode(0)} + ${element}`, storedValue(body))}
}
`;
}
