/**
 * `npm run bench [-- --quick] [-- --json] [-- --only training,matmul,…]`: our speed beside that of peers, side by side
 * in one run. See docs/performance.md.
 */
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { type Comparison, isReached } from './comparison.js';
import { describeMachine } from './machine.js';
import { commandLineRows } from './rows/command-line.js';
import { hashingRows } from './rows/hashing.js';
import { matmulRows } from './rows/matmul.js';
import { runRows } from './rows/runs.js';
import type { Scale } from './rows/scale.js';
import { trainingRows } from './rows/training.js';
import { renderTable } from './table.js';

const GROUPS: Readonly<Record<string, (scale: Scale) => Promise<Comparison[]>>> = {
  training: trainingRows,
  matmul: matmulRows,
  hashing: hashingRows,
  runs: runRows,
  commands: commandLineRows,
};

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});
const chosen = options.only?.split(',') ?? Object.keys(GROUPS);
const unknown = chosen.find((name) => !Object.hasOwn(GROUPS, name));
if (unknown !== undefined) {
  process.stderr.write(`error: no group '${unknown}'; there are ${Object.keys(GROUPS).join(', ')}\n`);
  process.exit(2);
}

const began = performance.now();
const machine = describeMachine();
const comparisons: Comparison[] = [];
for (const name of chosen) {
  process.stderr.write(`measuring ${name} …\n`);
  comparisons.push(...(await GROUPS[name]!({ quick: options.quick, threads: machine.cores })));
}
const seconds = Math.round((performance.now() - began) / 1000);

if (options.json) {
  const rows = comparisons.map((comparison) => ({ ...comparison, reached: isReached(comparison) }));
  process.stdout.write(`${JSON.stringify({ schema: 'gensyn.bench/1', machine, seconds, rows }, null, 2)}\n`);
} else {
  const { processor, cores, node, platform, load } = machine;
  process.stdout.write(`${renderTable(comparisons)}\n\n`);
  process.stdout.write(`${processor}, ${cores} cores, ${platform}, Node ${node}, load before ${load}, ${seconds} s\n`);
  if (load > cores / 2) process.stdout.write('The machine was busy: figures with several threads are too low.\n');
}
