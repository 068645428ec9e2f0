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

/** Contract name → its generated file, without the extension. The harness serves tests only. */
const CONTRACTS: Readonly<Record<string, string>> = { Referee: 'referee', RefereeHarness: 'referee-harness' };

const OUTPUT = '.build/contracts/out';

const { status } = spawnSync(process.execPath, ['scripts/contracts/forge.mjs', 'build'], { stdio: ['ignore', 2, 2] });
if (status !== 0) throw new Error('forge build failed');

const files: Record<string, string> = {};
for (const [name, file] of Object.entries(CONTRACTS)) files[`contracts/generated/${file}.ts`] = artifactText(name);
files['contracts/generated/sources.ts'] = `// Written by scripts/contracts/generate-artifacts.ts; do not edit.
/** Digest of the sources and settings that the files beside this one were compiled from. */
export const SOURCES_DIGEST = '${sourcesDigest()}';
`;
writeGenerated(files, process.argv.includes('--check'));

function artifactText(name: string): string {
  const artifact = JSON.parse(readFileSync(`${OUTPUT}/${name}.sol/${name}.json`, 'utf8'));
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
