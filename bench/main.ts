/**
 * `npm run bench [-- --quick] [-- --json] [-- --only training,matmul,…] [-- --plot scale.svg]`: our speed beside that of
 * peers, side by side in one run, and what a training costs as it grows. See docs/performance.md.
 */
import { writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { type Comparison, isReached } from './comparison.js';
import { plotGrowth } from './growth/growth-plot.js';
import type { GrowthRow } from './growth/growth-row.js';
import { renderGrowth } from './growth/growth-table.js';
import { measureGrowth } from './growth/measure-growth.js';
import { describeMachine } from './machine.js';
import { commandLineRows } from './rows/command-line.js';
import { convolutionRows } from './rows/convolution.js';
import { disputeRows } from './rows/disputes.js';
import { hashingRows } from './rows/hashing.js';
import { matmulRows } from './rows/matmul.js';
import { runRows } from './rows/runs.js';
import type { Scale } from './rows/scale.js';
import { trainingRows } from './rows/training.js';
import { renderTable } from './table.js';

const GROUPS: Readonly<Record<string, (scale: Scale) => Promise<Comparison[]>>> = {
  training: trainingRows,
  matmul: matmulRows,
  convolution: convolutionRows,
  hashing: hashingRows,
  runs: runRows,
  commands: commandLineRows,
  disputes: disputeRows,
};
/** Has a table of its own. */
const GROWTH = 'scale';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    plot: { type: 'string' },
  },
});
const names = [...Object.keys(GROUPS), GROWTH];
const chosen = options.only?.split(',') ?? names;
const unknown = chosen.find((name) => !names.includes(name));
if (unknown !== undefined) {
  process.stderr.write(`error: no group '${unknown}'; there are ${names.join(', ')}\n`);
  process.exit(2);
}
if (options.plot !== undefined && !chosen.includes(GROWTH)) {
  process.stderr.write(`error: --plot draws the group '${GROWTH}', which --only leaves out\n`);
  process.exit(2);
}

const began = performance.now();
const machine = describeMachine();
const comparisons: Comparison[] = [];
const growth: GrowthRow[] = [];
for (const name of chosen) {
  process.stderr.write(`measuring ${name} …\n`);
  const scale = { quick: options.quick, threads: machine.cores };
  if (name === GROWTH) growth.push(...(await measureGrowth(scale)));
  else comparisons.push(...(await GROUPS[name]!(scale)));
}
if (options.plot !== undefined) await writeFile(options.plot, plotGrowth(growth));
const seconds = Math.round((performance.now() - began) / 1000);

if (options.json) {
  const rows = comparisons.map((comparison) => ({ ...comparison, reached: isReached(comparison) }));
  process.stdout.write(`${JSON.stringify({ schema: 'gensyn.bench/1', machine, seconds, rows, growth }, null, 2)}\n`);
} else {
  const { processor, cores, node, platform, load } = machine;
  if (comparisons.length > 0) process.stdout.write(`${renderTable(comparisons)}\n\n`);
  if (growth.length > 0) process.stdout.write(`${renderGrowth(growth)}\n\n`);
  process.stdout.write(`${processor}, ${cores} cores, ${platform}, Node ${node}, load before ${load}, ${seconds} s\n`);
  if (load > cores / 2) process.stdout.write('The machine was busy: figures with several threads are too low.\n');
}
