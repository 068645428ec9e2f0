/** A digest over everything that decides the contracts' bytecode, which is quicker to compare than to compile. */
import { readdirSync, readFileSync } from 'node:fs';
import { bytesToHex } from '../../src/commitments/hash.js';
import { keccak256, keccak256Text } from '../../src/commitments/keccak.js';
import { merkleRoot } from '../../src/commitments/merkle.js';

/** keccak root over paths and texts of `foundry.toml`, `src/` and the harnesses of `test/`, in the order of their paths. */
export function sourcesDigest(folder = 'contracts'): string {
  const sources = readdirSync(`${folder}/src`, { recursive: true, encoding: 'utf8' }).map((name) => `src/${name}`);
  const harnesses = readdirSync(`${folder}/test`).map((name) => `test/${name}`);
  const paths = [...sources, ...harnesses.filter((path) => path.endsWith('Harness.sol'))]
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.sol'));
  const leaves = ['foundry.toml', ...paths]
    .sort()
    .flatMap((path) => [keccak256Text(path), keccak256(readFileSync(`${folder}/${path}`))]);
  return bytesToHex(merkleRoot(leaves));
}
