/** Packages of TensorFlow.js that a test decides on. */
import process from 'node:process';
import {
  installedModules,
  TFJS_VERSION,
  type TfjsModules,
  type TfjsPackageName,
} from '../../../src/peers/tensorflow/tfjs-package.js';

/** Of what is installed, one package alone. */
export function onlyPackage(name: TfjsPackageName): TfjsModules {
  const modules = installedModules();
  return { ...modules, find: (asked) => (asked === name ? modules.find(name) : null) };
}

export interface FakePackage {
  readonly name: string;
  readonly version?: string;
  /** What loading it throws. */
  readonly failure?: string;
  readonly lacks?: readonly string[];
  /** The sum of [1.5, −2] and [2, 0.25], as this package has it. */
  readonly adds?: readonly number[];
}

export interface FakeModules extends TfjsModules {
  /** The packages in the order in which they were loaded. */
  readonly loaded: string[];
  /** The environment when the first one was. */
  environmentAtLoad: Readonly<Record<string, string | undefined>>;
  /** The kernels that were taken back. */
  readonly forgotten: string[];
}

/** A computer with these packages. */
export function fakeModules(packages: readonly FakePackage[]): FakeModules {
  const at = (folder: string): FakePackage => packages.find(({ name }) => name === folder)!;
  const modules: FakeModules = {
    loaded: [],
    environmentAtLoad: {},
    forgotten: [],
    find: (name) => (packages.some((each) => each.name === name) ? name : null),
    version: (folder) => at(folder).version ?? TFJS_VERSION,
    load: (folder, specifier) => {
      if (specifier === folder) {
        if (modules.loaded.length === 0) modules.environmentAtLoad = { ...process.env };
        modules.loaded.push(folder);
      }
      const { failure } = at(folder);
      if (failure !== undefined) throw new Error(failure);
      return fakeTfjs(at(folder), modules.forgotten);
    },
  };
  return modules;
}

function fakeTfjs({ name, lacks = [], adds = [3.5, -1.75] }: FakePackage, forgotten: string[]) {
  const tensor = () => ({ dispose: () => {}, dataSync: () => Float32Array.from(adds) });
  return {
    env: () => ({ set: () => {} }),
    setBackend: async () => true,
    tensor,
    engine: () => ({ runKernel: tensor }),
    getKernelsForBackend: () => [{ kernelName: 'Add' }],
    unregisterKernel: (kernel: string) => forgotten.push(`${kernel} of ${name}`),
    getKernel: (kernel: string) => (lacks.includes(kernel) ? undefined : {}),
  };
}
