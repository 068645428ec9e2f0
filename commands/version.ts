/** Which gensyn this is. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

let known: string | undefined;

/** The version in the package's `package.json`, which lies some folders above the compiled file. */
export function packageVersion(): string {
  known ??= JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')).version as string;
  return known;
}

/** The folder of the package: where `package.json`, `fixtures/` and `docs/` are. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    if (isPackage(folder)) return folder;
    const parent = dirname(folder);
    if (parent === folder) throw new Error('The package.json of gensyn is missing.');
    folder = parent;
  }
}

function isPackage(folder: string): boolean {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name === 'gensyn';
  } catch {
    return false;
  }
}
