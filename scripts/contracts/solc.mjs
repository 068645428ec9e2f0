#!/usr/bin/env node
/**
 * npm's solc (WebAssembly) with the face of the native compiler, for forge: answers `--version` and `--standard-json`.
 * forge finds no compiler without a network; FOUNDRY_SOLC names this file.
 */
import { createRequire } from 'node:module';
import process from 'node:process';
import { text } from 'node:stream/consumers';

const solc = createRequire(import.meta.url)('solc');
const flags = process.argv.slice(2);

if (flags.includes('--version')) {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`);
} else if (flags.includes('--standard-json')) {
  process.stdout.write(solc.compile(await text(process.stdin)));
} else {
  process.stderr.write(`solc.mjs knows --version and --standard-json, not: ${flags.join(' ')}\n`);
  process.exitCode = 2;
}
