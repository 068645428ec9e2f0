/** Moves that are wrong in one place: what a contract and the reducer must refuse alike. */
import type { Hash } from '../../../src/commitments/hash.js';
import { CONTEXT_FIELDS, type Context, HASH_FIELDS } from '../../../src/game/context.js';
import type { Move, ProveMove, RevealAid, RevealMove } from '../../../src/game/game.js';
import type { Random } from './random.js';

export function flipped(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice();
  if (copy.length > 0) copy[random.below(copy.length)]! ^= 1 << random.below(8);
  return copy;
}

function alteredList(list: readonly Hash[], random: Random): readonly Hash[] {
  if (list.length === 0) return [new Uint8Array(32)];
  const at = random.below(list.length);
  return random.pick([
    () => list.with(at, flipped(list[at]!, random)),
    () => list.toSpliced(at, 1),
    () => (list.length < 60 ? [...list, list[at]!] : list.slice(1)),
  ])();
}

function alteredContext(context: Context, random: Random): Context {
  const field = random.pick(CONTEXT_FIELDS);
  const value = context[field];
  if (HASH_FIELDS.has(field)) return { ...context, [field]: flipped(value as Hash, random) };
  return { ...context, [field]: (value as number) === 0 ? 1 : (value as number) - 1 };
}

/** The move with one thing altered: sender, context, list, index, or what it brings. Some alterations are harmless. */
export function alteredMove(move: Move, random: Random): Move {
  if (move.kind === 'timeout') return move;
  const general: (() => Move)[] = [
    () => ({ ...move, context: alteredContext(move.context, random) }),
    () => ({ ...move, from: move.from === 'solver' ? 'challenger' : 'solver' }),
  ];
  return random.pick(random.chance(0.3) ? general : special(move, random))();
}

function special(move: Exclude<Move, { kind: 'timeout' }>, random: Random): (() => Move)[] {
  switch (move.kind) {
    case 'reveal':
      return [() => ({ ...move, list: alteredList(move.list, random) }), () => alteredAid(move, random)];
    case 'select':
      return [
        () => ({ ...move, list: alteredList(move.list, random) }),
        () => ({ ...move, index: random.pick([31, 32, 33, 255, 256, 1000, 2 ** 32 - 1]) }),
      ];
    case 'refute':
      return [() => ({ ...move, list: alteredList(move.list, random) })];
    case 'prove':
      return [() => alteredProof(move, random), () => alteredProof(move, random)];
  }
}

function alteredAid(move: RevealMove, random: Random): Move {
  const { aid } = move;
  const aids: RevealAid[] = [{ enters: 'nothing' }];
  if (aid.enters === 'step' || aid.enters === 'operator') {
    const { program } = aid;
    aids.push({ ...aid, program: { ...program, temporaries: program.temporaries + 1 } });
    aids.push({ ...aid, program: { ...program, ops: flipped(program.ops, random) } }, { enters: 'step', program });
  }
  if (aid.enters === 'operator' || aid.enters === 'element') {
    const { operator } = aid;
    aids.push({ ...aid, operator: { ...operator, words: operator.words + 1 } });
    aids.push({ ...aid, operator: { ...operator, instructions: operator.instructions + 1 } });
    aids.push({ ...aid, operator: { ...operator, slots: new Array<bigint>(9).fill(1n) } });
    aids.push({ enters: 'element', operator, final: new Uint8Array(132) });
  }
  if (aid.enters === 'operator') aids.push({ ...aid, path: alteredList(aid.path, random) });
  if (aid.enters === 'element') {
    aids.push({ ...aid, final: aid.final.slice(1) }, { ...aid, final: aid.final.with(4, aid.final[4]! ^ 1) });
  }
  return { ...move, aid: random.pick(aids) };
}

/** A proof with one thing altered. */
export function alteredProof(move: ProveMove, random: Random): ProveMove {
  const { operand, operator } = move;
  return random.pick<() => ProveMove>([
    () => ({ ...move, state: flipped(move.state, random) }),
    () => ({ ...move, state: move.state.slice(1) }),
    () => ({ ...move, code: flipped(move.code, random) }),
    () => ({ ...move, operator: { ...operator, words: operator.words + 1 } }),
    () => ({ ...move, operand: { ...operand, tensor: flipped(operand.tensor, random) } }),
    () => ({ ...move, operand: { ...operand, chunk: alteredList(operand.chunk, random) } }),
    () => ({ ...move, operand: { ...operand, chunkSiblings: alteredList(operand.chunkSiblings, random) } }),
    () => ({ ...move, operand: { ...operand, tensorSiblings: alteredList(operand.tensorSiblings, random) } }),
  ])();
}
