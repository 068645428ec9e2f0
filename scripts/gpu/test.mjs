/**
 * `npm run test:gpu`: brings the software drivers (network), makes the checkout ready and runs the tests of the WebGPU
 * backend on both. What cannot be had here is said, and its tests are skipped and counted. `GENSYN_TEST_REPORTS` names a
 * folder for jest's report, as in `npm test`; arguments go to jest.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { setup } from '../setup.mjs';
import { setupGpu } from './setup.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const reports = process.env.GENSYN_TEST_REPORTS;

for (const line of setupGpu()) process.stderr.write(`gpu: no ${line}; the tests that need it are skipped\n`);
setup();

const flags = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning'];
const report = reports === undefined ? [] : ['--json', `--outputFile=${join(reports, 'gpu.json')}`];
const { status } = spawnSync(
  process.execPath,
  [...flags, join('node_modules', 'jest', 'bin', 'jest.js'), ...report, 'test/gpu', ...process.argv.slice(2)],
  {
    cwd: root,
    // With --json, jest's document goes to stdout once more; people read stderr.
    stdio: ['inherit', reports === undefined ? 'inherit' : 'ignore', 'inherit'],
    // Workers of jest take their flags from the environment.
    env: { ...process.env, NODE_OPTIONS: [process.env.NODE_OPTIONS, ...flags].filter(Boolean).join(' ') },
  },
);
process.exitCode = status ?? 1;
