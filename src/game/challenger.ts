/** The challenger's answer to a list: refute it, or point at the first entry that differs from his own. */
import { equalHashes, type Hash } from '../commitments/hash.js';
import { CHUNK_WORDS } from '../commitments/tensor-tree.js';
import { type Context, PHASES } from './context.js';
import type { Execution } from './execution.js';
import type { Game, RefuteMove, SelectMove } from './game.js';
import { listFolds } from './judge.js';
import { ownList } from './own-list.js';

/** The move, or `null` where the solver is right as far as this execution can tell. */
export async function answerTo(game: Game, execution: Execution): Promise<SelectMove | RefuteMove | null> {
  const { context, list } = game;
  const { phase } = context;
  if (phase === PHASES.tensor && !listFolds(context, list))
    return { kind: 'refute', from: 'challenger', context, list };
  const index = await firstDifference(context, list, execution);
  return index === null ? null : { kind: 'select', from: 'challenger', context, list, index };
}

async function firstDifference(context: Context, list: readonly Hash[], execution: Execution): Promise<number | null> {
  const { phase, n, a } = context;
  if (phase === PHASES.tensor && n === 1) return firstDifferingWord(context, list, execution);
  const own = await ownList(context, execution);
  const index = list.findIndex((hash, at) => !equalHashes(hash, own[at]!));
  if (index >= 0) return index;
  // Where all that was revealed is right, what differs is the right end: of the chain, or the root after the step.
  if (phase === PHASES.run || phase === PHASES.machine || phase === PHASES.step) {
    return (await isRightEndEqual(context, a + n, execution)) ? null : list.length;
  }
  return null;
}

async function firstDifferingWord({ step, k, a }: Context, list: readonly Hash[], execution: Execution) {
  const words = await execution.tensorWords({ step, operator: k });
  const own = words.subarray(a * CHUNK_WORDS, (a + 1) * CHUNK_WORDS);
  const claimed = new Uint32Array(CHUNK_WORDS);
  const bytes = new Uint8Array(claimed.buffer);
  for (const [entry, hash] of list.entries()) bytes.set(hash, entry * hash.length);
  const index = own.findIndex((word, at) => word !== claimed[at]);
  return index < 0 ? null : index;
}

/** Whether the disputed hash is this execution's own: then there is no case. */
async function isRightEndEqual({ phase, hi, step, k, elem }: Context, end: number, execution: Execution) {
  if (phase === PHASES.machine) {
    const states = await execution.elementStates({ step, operator: k, element: elem });
    return equalHashes(states.hashesAt([end])[0]!, hi);
  }
  const [own] = await execution.stateRootsAt([phase === PHASES.run ? end : step + 1]);
  return equalHashes(own!, hi);
}
