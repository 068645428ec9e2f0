/**
 * Writes the table of `docs/layers.md`: `node dist/scripts/layer-table.js`. With `--check` it fails where the file is out
 * of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { LAYER_DOCS_PATH, withLayerTable } from './layer-docs.js';

const found = readFileSync(LAYER_DOCS_PATH, 'utf8');
const made = withLayerTable(found);
if (!process.argv.includes('--check')) writeFileSync(LAYER_DOCS_PATH, made);
else if (made !== found) {
  process.stderr.write(`${LAYER_DOCS_PATH} is out of date: run \`node dist/scripts/layer-table.js\`.\n`);
  process.exitCode = 1;
}
