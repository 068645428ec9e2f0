import type { Executor } from '../../src/backends/backend.js';
import { rateOf } from '../measure.js';
import type { Meter } from '../meter.js';
import { prepareKernel, type RecordedKernel } from './recorded-kernel.js';

/** What a case runs, and how many operations that is, in units of 10⁹. */
export interface KernelCase {
  readonly kernel: RecordedKernel;
  readonly gigaOperations: number;
}

/** GFLOP/s of single kernels on our WebAssembly backend, each prepared when it is first asked for. */
export function kernelMeter(caseOf: (name: string) => KernelCase, threads: number): Meter {
  const executors: Executor[] = [];
  const rates = new Map<string, (milliseconds: number) => Promise<number>>();
  const prepare = async (name: string): Promise<(milliseconds: number) => Promise<number>> => {
    const executor = await prepareKernel(caseOf(name).kernel, threads);
    executors.push(executor);
    const rate = rateOf(async (count) => {
      await executor.run(0, count);
    });
    rates.set(name, rate);
    return rate;
  };
  return {
    sample: async (name, milliseconds) => {
      const rate = rates.get(name) ?? (await prepare(name));
      return caseOf(name).gigaOperations * (await rate(milliseconds));
    },
    close: async () => {
      await Promise.all(executors.map((executor) => executor.dispose()));
    },
  };
}
