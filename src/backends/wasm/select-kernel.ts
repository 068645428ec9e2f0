import type { Operator } from '../../expr/operator.js';
import { contractionOf } from './contraction.js';
import { contractionKernel } from './contraction-kernel.js';
import { genericKernel } from './generic-kernel.js';
import type { Kernel } from './kernel.js';
import { kernelBodyOf } from './kernel-body.js';

/** The best kernel for an operator. */
export function selectKernel(operator: Operator): Kernel {
  const body = kernelBodyOf(operator);
  const contraction = contractionOf(body);
  return contraction === undefined ? genericKernel(body) : contractionKernel(body, contraction);
}
