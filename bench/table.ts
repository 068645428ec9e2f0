import { type Comparison, isReached } from './comparison.js';

const HEADINGS = ['what', 'ours', 'beside', '', 'ratio', 'target', 'reached'] as const;
/** Columns of numbers stand at their right end. */
const RIGHT = new Set([1, 2, 4, 5]);

/** The comparisons as a text table. */
export function renderTable(comparisons: readonly Comparison[]): string {
  const rows = [HEADINGS, ...comparisons.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (RIGHT.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '));
  return lines.join('\n');
}

function cellsOf(comparison: Comparison): readonly string[] {
  const { what, unit, ours, beside, ratio, target } = comparison;
  const reached = isReached(comparison);
  return [
    what,
    `${shorten(ours)} ${unit}`,
    beside === null ? '' : shorten(beside.value),
    beside?.name ?? '',
    ratio === null ? '' : `${shorten(ratio)}×`,
    target === null
      ? ''
      : `${target.bound === 'least' ? '≥' : '≤'} ${target.value}${target.of === 'ratio' ? '×' : ` ${unit}`}`,
    reached === null ? '' : reached ? 'yes' : 'NO',
  ];
}

/** Three significant digits. */
export function shorten(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
