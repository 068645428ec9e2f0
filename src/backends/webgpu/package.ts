/**
 * Finds and loads the optional `webgpu` package: Dawn, the WebGPU implementation of Chromium, for Node. It is 130 MB, so
 * it is no dependency; who wants to use a GPU installs it.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { fail } from '../../errors/index.js';
import { findPackage, packageVersion } from '../../files/optional-package.js';
import type { Gpu } from './gpu-types.js';

export const PACKAGE_VERSION = '0.6.2';

/** Options as the package's README lists them: `adapter=<name>`, `backend=<name>`. */
export type CreateGpu = (options: readonly string[]) => Gpu;

/**
 * Loads the package: from beside this program, from the current folder, or from where `scripts/gpu/setup.mjs` puts it.
 *
 * @throws `webgpu.package-missing`, `webgpu.package-version`, `webgpu.package-broken`
 */
export async function loadWebgpuPackage(places: readonly string[] = searchPlaces()): Promise<CreateGpu> {
  const path = findPackage('webgpu', places);
  if (path === null) throw fail('webgpu.package-missing', { version: PACKAGE_VERSION, places: places.join(', ') });
  const found = packageVersion(path);
  if (found !== PACKAGE_VERSION) throw fail('webgpu.package-version', { version: PACKAGE_VERSION, path, found });
  try {
    const loaded = (await import(pathToFileURL(join(path, 'index.js')).href)) as { readonly create: CreateGpu };
    return loaded.create;
  } catch (cause) {
    const reason = firstLine(cause);
    const platform = `${process.platform}-${process.arch}`;
    throw fail('webgpu.package-broken', { path, platform, reason, version: PACKAGE_VERSION }, { cause });
  }
}

/** The first line of an error's message, without the full stop. */
export function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split('\n')[0]!.replace(/\.$/, '');
}

function searchPlaces(): string[] {
  const here = dirname(fileURLToPath(import.meta.url));
  return [here, process.cwd(), join(packageRoot(here), '.gpu')];
}

/** The folder of this product's package.json. */
function packageRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (isOwnPackage(folder) || folder === dirname(folder)) return folder;
  }
}

function isOwnPackage(folder: string): boolean {
  try {
    const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: unknown };
    return name === 'gensyn';
  } catch {
    return false;
  }
}
