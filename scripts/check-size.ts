/**
 * No source file over 300 lines: a file has one responsibility. Run as `node dist/scripts/check-size.js`. Tables are
 * long because there is much to list, not because they do much.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import process from 'node:process';

const MAX_LINES = 300;
const FOLDERS = ['bin', 'commands', 'src', 'test', 'bench', 'scripts'];
const TABLES: ReadonlySet<string> = new Set<string>([]);

const tooLong = FOLDERS.flatMap(sourceFiles)
  .map((path) => ({ path, lines: readFileSync(path, 'utf8').split('\n').length - 1 }))
  .filter(({ path, lines }) => lines > MAX_LINES && !TABLES.has(path));

for (const { path, lines } of tooLong) process.stderr.write(`${path}: ${lines} lines, at most ${MAX_LINES}\n`);
process.exitCode = tooLong.length === 0 ? 0 : 1;

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((path) => /\.(ts|mjs|cjs)$/.test(path) && statSync(path).isFile())
    .sort();
}
