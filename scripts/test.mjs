/**
 * `npm test`: makes the checkout ready, then runs jest on the compiled tests and forge on the contracts' own. Arguments
 * go to jest, and then jest runs alone. `GENSYN_TEST_REPORTS` names a folder for the runners' reports.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setup } from './setup.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const reports = process.env.GENSYN_TEST_REPORTS;
const asked = process.argv.slice(2);

setup();
const statuses = [runJest()];
if (asked.length === 0) statuses.push(await runForge());
process.exitCode = statuses.find((status) => status !== 0) ?? 0;

function runJest() {
  const flags = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning'];
  const jest = join('node_modules', 'jest', 'bin', 'jest.js');
  const report = reports === undefined ? [] : ['--json', `--outputFile=${join(reports, 'jest.json')}`];
  const { status } = spawnSync(process.execPath, [...flags, jest, ...report, ...asked], {
    cwd: root,
    // With --json, jest's document goes to stdout once more; people read stderr.
    stdio: ['inherit', reports === undefined ? 'inherit' : 'ignore', 'inherit'],
    // Workers of jest take their flags from the environment.
    env: { ...process.env, NODE_OPTIONS: [process.env.NODE_OPTIONS, ...flags].filter(Boolean).join(' ') },
  });
  return status ?? 1;
}

async function runForge() {
  const { forge, foundryBinary } = await import('./contracts/forge.mjs');
  try {
    foundryBinary('forge');
  } catch {
    process.stderr.write('contracts: there is no forge for this platform; their own tests were skipped.\n');
    return 0;
  }
  if (reports === undefined) return forge(['test']);
  const report = openSync(join(reports, 'forge.json'), 'w');
  try {
    return forge(['test', '--json'], ['ignore', report, 'inherit']);
  } finally {
    closeSync(report);
  }
}
