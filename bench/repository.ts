/** Where things are, wherever the benchmark was compiled to. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The compiled command line of the same build as the benchmark. */
export const COMMAND_LINE = fileURLToPath(new URL('../bin/gensyn.js', import.meta.url));

/** A file below fixtures/. */
export function fixturePath(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'fixtures', name))) {
    if (folder === dirname(folder)) throw new Error(`no fixture ${name}`);
    folder = dirname(folder);
  }
  return join(folder, 'fixtures', name);
}
