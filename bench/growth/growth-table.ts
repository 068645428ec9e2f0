import { shorten } from '../table.js';
import type { GrowthRow } from './growth-row.js';

const HEADINGS = ['parameters', 'batch', 'step', '1 thread', 'verify', 'hash', 'memory', 'bound by'] as const;

/** The rows as a text table; times are in milliseconds, for a step or for one hash of the state. */
export function renderGrowth(rows: readonly GrowthRow[]): string {
  const cells = [HEADINGS, ...rows.map(cellsOf)];
  const last = HEADINGS.length - 1;
  const widths = HEADINGS.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => (column < last ? cell.padStart(widths[column]!) : cell))
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '));
  return lines.join('\n');
}

function cellsOf({ parameters, batch, step, stepOfOneThread, verify, hash, memory, bound }: GrowthRow): string[] {
  const times = [step, stepOfOneThread, verify, hash].map((time) => `${shorten(time)} ms`);
  const share = `${bound.by} (${Math.round(100 * bound.share)} %)`;
  return [parameters.toLocaleString('en'), String(batch), ...times, `${shorten(memory / 2 ** 20)} MiB`, share];
}
