/** Why WebGPU finds no adapter: on Linux, which of the loader and the drivers that Vulkan is made of is missing. */
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { firstLine } from './package.js';

/** What of a system decides. */
export interface VulkanSystem {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Why a shared library does not load; undefined where it does. */
  readonly loadFailure: (library: string) => string | undefined;
  /** The names in a folder; none where there is no such folder. */
  readonly filesIn: (folder: string) => readonly string[];
}

const LOADER = 'libvulkan.so.1';
/** By these the loader is told which drivers to take; the first that is set counts. */
const DRIVER_VARIABLES = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'] as const;

/** A reason for people, as the end of a sentence; empty where nothing is known. */
export function explainMissingAdapter(system: VulkanSystem = THIS_SYSTEM): string {
  if (system.platform !== 'linux') return '';
  const failure = system.loadFailure(LOADER);
  if (failure !== undefined) return `: the Vulkan loader does not load (${failure})`;
  const variable = DRIVER_VARIABLES.find((name) => (system.environment[name] ?? '') !== '');
  if (variable !== undefined) {
    return `: the Vulkan loader is there, but no driver of ${variable}=${system.environment[variable]} loads and offers enough`;
  }
  const folders = driverFolders(system.environment);
  const drivers = folders.flatMap((folder) =>
    system.filesIn(folder).flatMap((name) => (name.endsWith('.json') ? [join(folder, name)] : [])),
  );
  if (drivers.length === 0) return `: the Vulkan loader is there, but no driver in ${folders.join(', ')}`;
  return `: the Vulkan loader is there, but no driver of these loads and offers enough: ${drivers.join(', ')}`;
}

/** Where the loader looks for drivers. Source: Khronos, Vulkan-Loader, "Driver interface", Linux. */
function driverFolders(environment: VulkanSystem['environment']): string[] {
  const list = (value: string | undefined, otherwise: string): string[] =>
    (value || otherwise).split(delimiter).filter((folder) => folder !== '');
  const home = environment['HOME'] || homedir();
  const roots = [
    ...list(environment['XDG_CONFIG_HOME'], join(home, '.config')),
    ...list(environment['XDG_CONFIG_DIRS'], '/etc/xdg'),
    '/etc',
    ...list(environment['XDG_DATA_HOME'], join(home, '.local', 'share')),
    ...list(environment['XDG_DATA_DIRS'], ['/usr/local/share', '/usr/share'].join(delimiter)),
  ];
  return [...new Set(roots)].map((root) => join(root, 'vulkan', 'icd.d'));
}

const THIS_SYSTEM: VulkanSystem = {
  platform: process.platform,
  environment: process.env,
  loadFailure,
  filesIn: (folder) => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  },
};

/** A library that is no add-on of Node loads first and is refused then, by the words that are expected here. */
function loadFailure(library: string): string | undefined {
  try {
    process.dlopen({ exports: {} }, library);
    return undefined;
  } catch (error) {
    const reason = firstLine(error);
    return reason.includes('did not self-register') ? undefined : reason;
  }
}
