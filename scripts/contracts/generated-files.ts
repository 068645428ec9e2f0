/** Files that a script writes and that are committed. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';

/**
 * Writes the files that differ from their text; in check mode names them and makes the process fail instead.
 *
 * @param files - text by path, relative to the root of the checkout, which is the working folder
 */
export function writeGenerated(files: Readonly<Record<string, string>>, isCheck: boolean): void {
  for (const [path, text] of Object.entries(files)) {
    if (readText(path) === text) continue;
    process.stderr.write(isCheck ? `${path} is stale; run its generator\n` : `wrote ${path}\n`);
    if (isCheck) {
      process.exitCode = 1;
    } else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
