/**
 * Compiles the contracts and writes ABI and bytecode as typed TypeScript files, so that the product needs no compiler.
 * `--check` writes nothing and fails where a file is stale.
 *
 *     node dist/scripts/contracts/generate-artifacts.js [--check]
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { writeGenerated } from './generated-files.js';
import { sourcesDigest } from './sources-digest.js';

interface Target {
  /** Of `contracts/foundry.toml`. */
  readonly profile: 'default' | 'game';
  /** The generated file, without its extension. */
  readonly file: string;
}

/** By contract. The harness serves tests only. */
const CONTRACTS: Readonly<Record<string, Target>> = {
  Referee: { profile: 'default', file: 'referee' },
  RefereeHarness: { profile: 'default', file: 'referee-harness' },
  Game: { profile: 'game', file: 'game' },
};

const OUTPUTS = { default: '.build/contracts/out', game: '.build/contracts/out-game' };

build('default');
build('game', 'src/Game.sol');
const files: Record<string, string> = {};
for (const [name, { profile, file }] of Object.entries(CONTRACTS)) {
  files[`contracts/generated/${file}.ts`] = artifactText(name, OUTPUTS[profile]);
}
files['contracts/generated/sources.ts'] = `// Written by scripts/contracts/generate-artifacts.ts; do not edit.
/** Digest of the sources and settings that the files beside this one were compiled from. */
export const SOURCES_DIGEST = '${sourcesDigest()}';
`;
writeGenerated(files, process.argv.includes('--check'));

function build(profile: Target['profile'], ...sources: string[]): void {
  const { status } = spawnSync(process.execPath, ['scripts/contracts/forge.mjs', 'build', ...sources], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, FOUNDRY_PROFILE: profile },
  });
  if (status !== 0) throw new Error('forge build failed');
}

function artifactText(name: string, output: string): string {
  const artifact = JSON.parse(readFileSync(`${output}/${name}.sol/${name}.json`, 'utf8'));
  const constant = name.charAt(0).toLowerCase() + name.slice(1);
  const abi = artifact.abi.map((entry: unknown) => `  ${JSON.stringify(withoutInternalTypes(entry))},`).join('\n');
  return `// Written by scripts/contracts/generate-artifacts.ts; do not edit.
export const ${constant}Abi = [
${abi}
] as const;

/** Creation code: what a deployment sends. */
export const ${constant}Bytecode =
  '${artifact.bytecode.object}' as const;

/** Runtime code: what stands at the contract's address. */
export const ${constant}RuntimeBytecode =
  '${artifact.deployedBytecode.object}' as const;
`;
}

/** The names of Solidity's own types say nothing to a caller. */
function withoutInternalTypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutInternalTypes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'internalType')
      .map(([key, entry]) => [key, withoutInternalTypes(entry)]),
  );
}
