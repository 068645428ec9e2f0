/** Finds and opens the tfjs that replays recorded kernels: the first installed package that has all of them. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { fail } from '../../errors/index.js';
import { findPackage, packageVersion } from '../../files/optional-package.js';
import type { tf } from '../../frontend/tfjs/load-tfjs.js';

export type Tfjs = typeof tf;

/** The version whose kernels are recorded. Packages of other versions may mean something else by the same attributes. */
export const TFJS_VERSION = '4.22.0';

/** The packages in the order in which they are tried, and the name of the tfjs backend that each one registers. */
export const TFJS_PACKAGES = [
  { name: '@tensorflow/tfjs-node-gpu', backend: 'tensorflow' },
  { name: '@tensorflow/tfjs-node', backend: 'tensorflow' },
  { name: '@tensorflow/tfjs-backend-wasm', backend: 'wasm' },
  { name: '@tensorflow/tfjs-backend-cpu', backend: 'cpu' },
] as const;

export type TfjsPackageName = (typeof TFJS_PACKAGES)[number]['name'];

/**
 * What makes TensorFlow and cuDNN choose kernels whose results repeat on the same machine, and keep the full binary32
 * precision of products on cards that would shorten it (TensorFloat-32). Read by the library when it is loaded.
 */
export const SWITCHES: Readonly<Record<string, string>> = {
  TF_DETERMINISTIC_OPS: '1',
  TF_CUDNN_DETERMINISTIC: '1',
  NVIDIA_TF32_OVERRIDE: '0',
};

/** How packages are found and loaded; tests put other ones in place. */
export interface TfjsModules {
  /** The folder of an installed package, or `null`. */
  find(name: string): string | null;
  /** Loads a module as the package in that folder sees it. */
  load(folder: string, specifier: string): unknown;
  version(folder: string): string;
}

export interface OpenTfjs {
  readonly tf: Tfjs;
  readonly package: TfjsPackageName;
  /** The name of its tfjs backend, which is the current one now. */
  readonly backend: string;
  /** Packages that are installed and were passed over, each with the reason. */
  readonly passedOver: readonly string[];
}

/**
 * Opens the first package that works and has all kernels that are needed.
 *
 * @throws `tensorflow.package-missing`, `tensorflow.no-usable-package`
 */
export async function openTfjs(
  needed: ReadonlySet<string>,
  modules: TfjsModules = installedModules(),
): Promise<OpenTfjs> {
  Object.assign(process.env, SWITCHES);
  const passedOver: string[] = [];
  for (const candidate of TFJS_PACKAGES) {
    const folder = modules.find(candidate.name);
    if (folder === null) continue;
    try {
      const tf = await withoutNewListeners(() => openPackage(candidate, folder, modules));
      const missing = [...needed].filter((kernel) => tf.getKernel(kernel, candidate.backend) === undefined);
      if (missing.length === 0) return { tf, package: candidate.name, backend: candidate.backend, passedOver };
      passedOver.push(`${candidate.name} has no kernel ${missing.join(', ')}`);
    } catch (cause) {
      passedOver.push(`${candidate.name}: ${firstLine(cause)}`);
      forgetKernels(candidate, folder, modules);
    }
  }
  const version = TFJS_VERSION;
  if (passedOver.length === 0) throw fail('tensorflow.package-missing', { version });
  throw fail('tensorflow.no-usable-package', { reasons: passedOver.join('; '), version });
}

async function openPackage(
  { name, backend }: (typeof TFJS_PACKAGES)[number],
  folder: string,
  modules: TfjsModules,
): Promise<Tfjs> {
  const version = modules.version(folder);
  if (version !== TFJS_VERSION) throw new Error(`it is version ${version}, and ${TFJS_VERSION} is needed`);
  const loaded = modules.load(folder, name) as Tfjs & { setWasmPaths?: (folder: string) => void };
  loaded.setWasmPaths?.(join(folder, 'dist/'));
  // The binding of TensorFlow brings its own tfjs; the other two register with the one beside them.
  const tf = backend === 'tensorflow' ? loaded : (modules.load(folder, '@tensorflow/tfjs-core') as Tfjs);
  tf.env().set('PROD', true);
  if (!(await tf.setBackend(backend))) throw new Error(`its tfjs backend ${backend} does not start`);
  requireSum(tf);
  return tf;
}

/** Kernels of a package that did not come up would be reported as registered twice when the next one comes. */
function forgetKernels({ backend }: (typeof TFJS_PACKAGES)[number], folder: string, modules: TfjsModules): void {
  try {
    const tf = modules.load(folder, '@tensorflow/tfjs-core') as Tfjs;
    for (const { kernelName } of tf.getKernelsForBackend(backend)) tf.unregisterKernel(kernelName, backend);
  } catch {
    // Without its core it has registered nothing.
  }
}

/**
 * Takes away what a package hangs on the process: the WebAssembly of tfjs-backend-wasm would turn every error that
 * nobody caught into a crash of its own.
 */
async function withoutNewListeners<Result>(work: () => Promise<Result>): Promise<Result> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => new Set<unknown>(process.rawListeners(event)));
  try {
    return await work();
  } finally {
    for (const [at, event] of events.entries()) {
      for (const listener of process.rawListeners(event)) {
        if (!before[at]!.has(listener)) process.off(event, listener as () => void);
      }
    }
  }
}

/** One addition: a binding that loads may still fail at its first kernel, as that of 4.22 does from Node 23 on. */
function requireSum(tf: Tfjs): void {
  const [a, b] = [tf.tensor([1.5, -2], [2], 'float32'), tf.tensor([2, 0.25], [2], 'float32')];
  const sum = tf.engine().runKernel('Add', { a, b }) as ReturnType<Tfjs['tensor']>;
  const found = Array.from(sum.dataSync());
  for (const tensor of [a, b, sum]) tensor.dispose();
  if (found.join() !== '3.5,-1.75') throw new Error(`it adds 1.5 and 2, −2 and 0.25 to ${found.join(' and ')}`);
}

/** Packages beside this program or in the current folder. */
export function installedModules(): TfjsModules {
  const places = [dirname(fileURLToPath(import.meta.url)), process.cwd()];
  return {
    find: (name) => findPackage(name, places),
    load: (folder, specifier) => createRequire(join(folder, 'package.json'))(loadable(folder, specifier)),
    version: packageVersion,
  };
}

/** A package cannot name itself unless it declares exports, so its own entry is loaded by its folder. */
function loadable(folder: string, specifier: string): string {
  return folder.replaceAll('\\', '/').endsWith(`/${specifier}`) ? folder : specifier;
}

function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split('\n')[0]!.trim().replace(/\.$/, '').slice(0, 300);
}
