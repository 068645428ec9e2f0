import type { Operator } from '../../expr/operator.js';
import { contractionOf } from '../plan/contraction.js';
import { kernelBodyOf } from '../plan/kernel-body.js';
import { contractionKernel } from './contraction-kernel.js';
import { genericKernel } from './generic-kernel.js';
import type { Kernel } from './kernel.js';
import { kernelInPieces } from './kernel-pieces.js';
import { piecesOf } from './operator-pieces.js';
import { scatterOf } from './scatter.js';
import { scatterKernel } from './scatter-kernel.js';
import { splitAxes } from './split-axes.js';

/** Computes operators together: `operator` has the nodes of all, and `siblings` are the outputs of the others. */
export function fusedKernel(operator: Operator, siblings: readonly number[]): Kernel {
  return genericKernel(kernelBodyOf(operator, siblings));
}

/** The best kernel for an operator. */
export function selectKernel(operator: Operator): Kernel {
  const body = kernelBodyOf(operator);
  const contraction = contractionOf(body);
  if (contraction !== undefined) return contractionKernel(body, contraction);
  const scatter = scatterOf(operator);
  if (scatter !== undefined) return scatterKernel(scatter);
  const kernels = piecesOf(operator)
    .map(splitAxes)
    .map((piece) => genericKernel(kernelBodyOf(piece.operator, [], piece.output)));
  return kernelInPieces(kernels);
}
