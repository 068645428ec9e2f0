import { ModuleBuilder } from '../../wasm/module-builder.js';
import type { ExecutorPlan, TablePlaces } from './executor-plan.js';
import { addHashKernels } from './hash-code.js';
import { addFusedMultiplyAdd } from './instruction-code.js';
import { addResultsKernel, addRun } from './runtime-code.js';

export interface ExecutorModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly places: TablePlaces;
}

export const PAGE_BYTES = 65536;
export const MAX_PAGES = 65536;

/** Generates the module of an executor; kernels that need the same code share it. */
export function buildExecutorModule(plan: ExecutorPlan, resultCount: number): ExecutorModule {
  const module = new ModuleBuilder();
  module.importMemory({ minimum: 1, maximum: MAX_PAGES, shared: true });
  let fusedMultiplyAdd = -1;
  const shared = {
    fusedMultiplyAdd: (): number => {
      if (fusedMultiplyAdd < 0) fusedMultiplyAdd = addFusedMultiplyAdd(module);
      return fusedMultiplyAdd;
    },
  };
  const kernelPlaces = new Map<string, number>();
  const table: number[] = [];
  for (const { kernel } of plan.calls) {
    if (kernelPlaces.has(kernel.key)) continue;
    kernelPlaces.set(kernel.key, table.length);
    table.push(kernel.build(module, shared));
  }
  const hash = addHashKernels(module);
  const results = table.push(addResultsKernel(module, resultCount)) - 1;
  const hashPieces = table.push(hash.pieces) - 1;
  const hashTensors = table.push(hash.tensors) - 1;
  module.setTable(table);
  module.exportFunction('run', addRun(module));
  const ofKernel: TablePlaces['ofKernel'] = (kernel) => kernelPlaces.get(kernel.key)!;
  return { bytes: module.encode(), places: { ofKernel, results, hashPieces, hashTensors } };
}
