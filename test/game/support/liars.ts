/** Executions and players that lie: each in one place, consistent with itself wherever the rules let it be. */
import type { Hash } from '../../../src/commitments/hash.js';
import { stateRoot } from '../../../src/commitments/roots.js';
import { applyMove } from '../../../src/game/apply-move.js';
import { PHASES } from '../../../src/game/context.js';
import type { Execution } from '../../../src/game/execution.js';
import type { RevealMove } from '../../../src/game/game.js';
import { toyExecution } from '../../../src/game/toy-execution.js';
import type { Bundle } from '../../../src/job/bundle.js';
import { flipped } from './alter-move.js';
import type { Player } from './play.js';
import { type Random, seeded } from './random.js';

const random = seeded(77);

export function garbage(): Hash {
  return Uint8Array.from({ length: 32 }, () => random.below(256));
}

/** One bit of one element of one operator's output in one step, and everything that follows from it. */
export function wrongOutput(bundle: Bundle, at: { step: number; operator: number; element: number; bit: number }) {
  return toyExecution(bundle, (step, operator, output) => {
    if (step === at.step && operator === at.operator) output[at.element]! ^= 1 << at.bit;
  });
}

/** State roots that are nobody's, where `isWrong` says so; everything else is right. */
export function wrongRoots(honest: Execution, isWrong: (state: number) => boolean): Execution {
  const lies = new Map<number, Hash>();
  return {
    ...honest,
    stateRootsAt: async (states) => {
      const roots = await honest.stateRootsAt(states);
      return states.map((state, at) => {
        if (!isWrong(state)) return roots[at]!;
        if (!lies.has(state)) lies.set(state, garbage());
        return lies.get(state)!;
      });
    },
  };
}

/** The hash of one tensor of the states from one on is wrong, as a lie in BLAKE3's padding makes it; no word is. */
export function wrongTensorHash(honest: Execution, from: number, tensor: number): Execution {
  const lie = garbage();
  const stateHashes = async (state: number) => {
    const hashes = await honest.stateHashes(state);
    return state < from ? hashes : hashes.with(tensor, lie);
  };
  const stateRootsAt = (states: readonly number[]) =>
    Promise.all(states.map(async (state) => stateRoot(await stateHashes(state))));
  return { ...honest, stateHashes, stateRootsAt };
}

/** The hash of one temporary is wrong in every step, and so are all states from one on. */
export function wrongTemporaryHash(honest: Execution, from: number, temporary: number): Execution {
  const temporaryHashes = async (step: number) => (await honest.temporaryHashes(step)).with(temporary, garbage());
  return { ...wrongRoots(honest, (state) => state >= from), temporaryHashes };
}

/** Machine states whose last register is wrong from one instruction on, up to the one before the last. */
export function wrongMachine(liar: Execution, from: number): Execution {
  return {
    ...liar,
    elementStates: async (place) => {
      const states = await liar.elementStates(place);
      return {
        ...states,
        hashesAt: (indices) =>
          states.hashesAt(indices).map((hash, at) => {
            const isWrong = indices[at]! >= from && indices[at]! < states.count;
            return isWrong ? hash.map((byte) => byte ^ 0xff) : hash;
          }),
      };
    },
  };
}

/** Alters an entry of the lists it reveals, where the rules allow it. */
export function alteringLists(inner: Player, chance: Random, probability = 0.5): Player {
  return async (game, now) => {
    const decision = await inner(game, now);
    if (decision.do !== 'move' || decision.move.kind !== 'reveal' || !chance.chance(probability)) return decision;
    const move = altered(decision.move, chance);
    return 'game' in applyMove(game, move, now) ? { do: 'move', move } : decision;
  };
}

function altered(move: RevealMove, chance: Random): RevealMove {
  if (move.list.length === 0) return move;
  const at = chance.below(move.list.length);
  return { ...move, list: move.list.with(at, flipped(move.list[at]!, chance)) };
}

/** Puts something behind the end of a tensor's last chunk wherever it reveals one. */
export function paddingLists(inner: Player, refused: string[]): Player {
  return async (game, now) => {
    const decision = await inner(game, now);
    if (decision.do !== 'move' || decision.move.kind !== 'reveal') return decision;
    const { move } = decision;
    const isChunk = game.context.phase === PHASES.ops || game.context.phase === PHASES.tensor;
    const last = move.list.length - 1;
    if (!isChunk || last < 0) return decision;
    const padded = { ...move, list: move.list.with(last, move.list[last]!.with(31, 1)) };
    const result = applyMove(game, padded, now);
    if ('refused' in result) refused.push(result.refused.code);
    return decision;
  };
}
