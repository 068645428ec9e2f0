/** Packages of npm that need not be there: where they are, and which version that is. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The folder of an installed package, as Node would find it from one of these folders; null where it finds none. */
export function findPackage(name: string, places: readonly string[]): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`, { paths: [...places] }));
  } catch {
    return null;
  }
}

/** The version that a package's own manifest names. */
export function packageVersion(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}
