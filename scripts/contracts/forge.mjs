/**
 * `node scripts/contracts/forge.mjs <command> [arguments]`: runs forge in `contracts/`, from npm packages alone and
 * without a network. Plain JavaScript, so that it runs before anything is built.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const scripts = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(scripts));

const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' };

/**
 * The binary of a Foundry tool for this machine, inside node_modules. Throws where npm has installed none.
 *
 * @param {'forge' | 'anvil'} tool
 */
export function foundryBinary(tool) {
  const platform = `${process.platform}-${ARCHITECTURES[process.arch] ?? process.arch}`;
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const manifest = createRequire(import.meta.url).resolve(
    `@foundry-rs/${tool}-${platform.replace('win32-arm64', 'win32-amd64')}/package.json`,
  );
  return join(dirname(manifest), 'bin', `${tool}${suffix}`);
}

/** Runs forge in `contracts/`. Returns its exit status. */
export function forge(commandArguments, stdio = 'inherit') {
  const { status, error } = spawnSync(foundryBinary('forge'), commandArguments, {
    cwd: join(root, 'contracts'),
    stdio,
    env: { ...process.env, FOUNDRY_SOLC: join(scripts, 'solc.mjs'), FOUNDRY_OFFLINE: 'true' },
  });
  if (error) throw error;
  return status ?? 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = forge(process.argv.slice(2));
