import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file below fixtures/, wherever the tests were compiled to. */
export function fixturePath(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'fixtures', name))) {
    if (folder === dirname(folder)) throw new Error(`no fixture ${name}`);
    folder = dirname(folder);
  }
  return join(folder, 'fixtures', name);
}
