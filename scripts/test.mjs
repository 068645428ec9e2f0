/** `npm test`: makes the checkout ready, then runs jest on the compiled tests; arguments go to jest. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setup } from './setup.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

setup();
const flags = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning'];
const jest = join('node_modules', 'jest', 'bin', 'jest.js');
const { status } = spawnSync(process.execPath, [...flags, jest, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  // Workers of jest take their flags from the environment.
  env: { ...process.env, NODE_OPTIONS: [process.env.NODE_OPTIONS, ...flags].filter(Boolean).join(' ') },
});
process.exitCode = status ?? 1;
