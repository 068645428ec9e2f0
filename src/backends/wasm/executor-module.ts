import { ModuleBuilder } from '../../wasm/module-builder.js';
import type { ExecutorPlan, TablePlaces } from './executor-plan.js';
import { addHashKernels } from './hash-code.js';
import { addFusedMultiplyAdd } from './instruction-code.js';
import type { Kernel } from './kernel.js';
import { addResultsKernel, addRun } from './runtime-code.js';

export interface ExecutorModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly places: TablePlaces;
}

export const PAGE_BYTES = 65536;
export const MAX_PAGES = 65536;

/**
 * Generates the module of an executor; kernels that need the same code share it. The code of operators that a training
 * step runs only together with others, or not at all, is left out unless the module shall be `observable`; the places are
 * the same.
 */
export function buildExecutorModule(plan: ExecutorPlan, resultCount: number, observable: boolean): ExecutorModule {
  const module = new ModuleBuilder();
  module.importMemory({ minimum: 1, maximum: MAX_PAGES, shared: true });
  let fusedMultiplyAdd = -1;
  const shared = {
    fusedMultiplyAdd: (): number => {
      if (fusedMultiplyAdd < 0) fusedMultiplyAdd = addFusedMultiplyAdd(module);
      return fusedMultiplyAdd;
    },
  };
  const stepKernels = distinct(plan.stepCalls);
  const stepKeys = new Set(stepKernels.map(({ key }) => key));
  const alone = distinct(plan.calls).filter(({ key }) => !stepKeys.has(key));
  const table = stepKernels.map((kernel) => kernel.build(module, shared));
  const hash = addHashKernels(module);
  const results = table.push(addResultsKernel(module, resultCount)) - 1;
  const hashPieces = table.push(hash.pieces) - 1;
  const hashTensors = table.push(hash.tensors) - 1;
  const kernelPlaces = new Map([
    ...stepKernels.map(({ key }, at) => [key, at] as const),
    ...alone.map(({ key }, at) => [key, table.length + at] as const),
  ]);
  if (observable) table.push(...alone.map((kernel) => kernel.build(module, shared)));
  module.setTable(table);
  module.exportFunction('run', addRun(module));
  const ofKernel: TablePlaces['ofKernel'] = (kernel) => kernelPlaces.get(kernel.key)!;
  return { bytes: module.encode(), places: { ofKernel, results, hashPieces, hashTensors } };
}

function distinct(calls: readonly { readonly kernel: Kernel }[]): Kernel[] {
  return [...new Map(calls.map(({ kernel }) => [kernel.key, kernel])).values()];
}
