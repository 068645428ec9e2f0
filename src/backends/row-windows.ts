/**
 * Which constants a program reads only by rows that depend on nothing but the training step, and the same program with a
 * *row window* in the place of each: the rows of one step, refilled before it.
 *
 * A load may go through a window if its address is `row · stride + rest`, where `row` is a number that an operator
 * without operands computes (clamped to the rows there are) and `rest` is an expression of coordinates alone. The window
 * holds, for each place p of the row operator's output, the elements `row(p) · stride` … of the constant, and behind them
 * those of row 0, which is what a place that does not exist reads. So every load gives the same bits as before.
 */
import { type I32, i32, iadd, iltu, imul, index, iselect, reduceIndex } from '../expr/expression.js';
import { type Operator, outputWords } from '../expr/operator.js';
import type { ConstantTensor, Program, ProgramOperator } from '../program/program.js';
import { analyseIntegers, type IntegerAnalysis } from './plan/integer-analysis.js';
import { type LinearForm, type LinearTerm, type Range, rangeOfForm } from './plan/linear-form.js';
import { expressionsOf, rebuildOperator } from './rebuild-operator.js';

/** Where a constant is read. Elements are words, or bytes of a `u8` constant. */
export interface RowWindow {
  /** Its number among the program's constants. */
  readonly constant: number;
  /** The temporary that holds the row numbers. */
  readonly rows: number;
  /** Rows in a step. The window has one more: row 0. */
  readonly batch: number;
  /** Row numbers from here on, and negative ones, mean row 0. */
  readonly count: number;
  /** Elements from the start of one row to the start of the next. */
  readonly stride: number;
  /** Elements that are read from the start of a row on. */
  readonly width: number;
}

/** One load through a row: `constant[row · stride + rest]`. */
interface RowLoad extends Omit<RowWindow, 'constant' | 'batch'> {
  /** The node that is the place in the row operator's output. */
  readonly place: number;
  readonly rest: LinearForm;
}

/** The window of a constant, or undefined where some operator reads it otherwise. */
export function windowOf(program: Program, constant: number): RowWindow | undefined {
  let window: RowWindow | undefined;
  for (const entry of program.operators) {
    if (!readsConstant(entry, constant)) continue;
    const analysis = analyseIntegers(entry.operator);
    for (const node of loadsOf(entry, constant)) {
      const load = rowLoad(program, entry, node, analysis);
      if (load === undefined) return undefined;
      const { rows, count, stride, width } = load;
      window ??= { constant, rows, batch: outputWords(program.operators[rows]!.operator), count, stride, width };
      if (rows !== window.rows || count !== window.count || stride !== window.stride) return undefined;
      window = { ...window, width: Math.max(width, window.width) };
    }
  }
  return window;
}

/** The constant that is a window: [rows + 1, width]. */
export function windowTensor({ name, dtype }: ConstantTensor, { batch, width }: RowWindow): ConstantTensor {
  return { name: `${name} of the step`, dtype, shape: [batch + 1, width] };
}

/** An operator that reads a constant through its window of `words` words. Other operators come back unchanged. */
export function throughWindow(
  program: Program,
  entry: ProgramOperator,
  window: RowWindow,
  words: number,
): ProgramOperator {
  if (!readsConstant(entry, window.constant)) return entry;
  const { operator, slots } = entry;
  const analysis = analyseIntegers(operator);
  const loads = new Map<number, RowLoad>();
  for (const node of loadsOf(entry, window.constant)) loads.set(node, rowLoad(program, entry, node, analysis)!);
  const expressions = expressionsOf(operator.body, (at, node, args) => {
    const load = loads.get(at);
    if (load === undefined) return undefined;
    const place = placeWithin(args(load.place) as I32, analysis.ranges[load.place]!, window.batch);
    return { ...node, args: [iadd(imul(place, i32(window.width)), expressionOfForm(load.rest))] };
  });
  const operands = operator.operands.map((operand, slot) =>
    slots[slot]!.kind === 'constant' && slots[slot]!.index === window.constant ? { ...operand, words } : operand,
  );
  return { ...entry, operator: rebuildOperator(operator, operands, expressions) };
}

function readsConstant({ slots }: ProgramOperator, constant: number): boolean {
  return slots.some(({ kind, index }) => kind === 'constant' && index === constant);
}

/** The nodes of an operator that load from a constant. */
function loadsOf({ operator, slots }: ProgramOperator, constant: number): number[] {
  return operator.body.nodes.flatMap(({ op, imm }, at) => {
    if (op !== 'load' && op !== 'loadbyte') return [];
    const slot = slots[imm]!;
    return slot.kind === 'constant' && slot.index === constant ? [at] : [];
  });
}

function rowLoad(program: Program, entry: ProgramOperator, at: number, analysis: IntegerAnalysis): RowLoad | undefined {
  const { operator, slots } = entry;
  const node = operator.body.nodes[at]!;
  const { dtype } = program.constants[slots[node.imm]!.index]!;
  if ((node.op === 'loadbyte') !== (dtype === 'u8')) return undefined;
  const { constant, terms } = analysis.forms[node.args[0]!]!;
  // Terms of nodes come first.
  const [row, ...others] = terms;
  if (row?.of !== 'node' || row.coefficient < 1 || others.some(({ of }) => of === 'node')) return undefined;
  const rest = { constant, terms: others };
  const range = rangeOfForm(rest, (term) => coordinateRange(operator, term));
  const number = clampedRow(program, entry, row.at);
  if (number === undefined || range === undefined || range.low < 0) return undefined;
  if ((number.count - 1) * row.coefficient + range.high > 0xffffffff) return undefined;
  return { ...number, stride: row.coefficient, width: range.high + 1, rest };
}

/** The parts of `iselect(iltu(rows[place], count), rows[place], 0)`, where only the training step decides `rows`. */
function clampedRow(
  program: Program,
  { operator, slots }: ProgramOperator,
  at: number,
): Pick<RowLoad, 'rows' | 'count' | 'place'> | undefined {
  const { nodes } = operator.body;
  const [condition, value, otherwise] = nodes[at]!.args.map((arg) => nodes[arg]!);
  if (nodes[at]!.op !== 'iselect' || condition?.op !== 'iltu' || value?.op !== 'load') return undefined;
  const bound = nodes[condition.args[1]!]!;
  if (condition.args[0] !== nodes[at]!.args[1] || bound.op !== 'const' || bound.imm === 0) return undefined;
  if (otherwise?.op !== 'const' || otherwise.imm !== 0) return undefined;
  const { kind, index: rows } = slots[value.imm]!;
  if (kind !== 'temporary' || program.operators[rows]!.slots.length > 0) return undefined;
  return { rows, count: bound.imm, place: value.args[0]! };
}

function coordinateRange({ domain, reduction }: Operator, { of, at }: LinearTerm): Range {
  return { low: 0, high: (of === 'index' ? domain : reduction)[at]! - 1 };
}

/** A place of the window: a place that the row operator's output does not have reads row 0, which stands last. */
function placeWithin(place: I32, range: Range, batch: number): I32 {
  if (range.low >= 0 && range.high < batch) return place;
  return iselect(iltu(place, i32(batch)), place, i32(batch));
}

function expressionOfForm({ constant, terms }: LinearForm): I32 {
  return terms.reduce<I32>((sum, { of, at, coefficient }) => {
    return iadd(sum, imul(of === 'index' ? index(at) : reduceIndex(at), i32(coefficient)));
  }, i32(constant));
}
