/** The list that an execution gives in a context: what an honest solver reveals, and what a challenger compares with. */
import type { Hash } from '../commitments/hash.js';
import { merkleBlocks } from '../commitments/merkle.js';
import { childNodes, chunkList } from '../commitments/tensor-tree.js';
import { blocksOf } from '../commitments/tree.js';
import { type Context, PHASES } from './context.js';
import type { Execution } from './execution.js';

/** The list in a context that stands inside a level. */
export async function ownList(context: Context, execution: Execution): Promise<readonly Hash[]> {
  const { phase, a, n, step, k: operator, elem: element } = context;
  switch (phase) {
    case PHASES.run:
      return execution.stateRootsAt(middles(a, n));
    case PHASES.machine:
      return (await execution.elementStates({ step, operator, element })).hashesAt(middles(a, n));
    case PHASES.step:
    case PHASES.ops:
      return merkleBlocks(await outputHashes(context, execution));
    case PHASES.tensor: {
      const words = await execution.tensorWords({ step, operator });
      return n === 1 ? chunkList(words, a) : childNodes(words, a, n);
    }
    default:
      return [];
  }
}

/** The inner ends of a chain's blocks. */
function middles(a: number, n: number): number[] {
  const { count, size } = blocksOf(n);
  return Array.from({ length: count - 1 }, (_, block) => a + (block + 1) * size);
}

/** The outputs' hashes in the range: temporaries, or the tensors of the state after the step. */
async function outputHashes({ a, n, step, M }: Context, execution: Execution): Promise<readonly Hash[]> {
  if (a < M) return (await execution.temporaryHashes(step)).slice(a, a + n);
  return (await execution.stateHashes(step + 1)).slice(a - M, a - M + n);
}
