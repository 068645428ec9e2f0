/** Decides which operators run and where every tensor of a program lies, before anything is allocated. */
import { outputWords } from '../../expr/operator.js';
import {
  constantWords,
  isIdentity,
  type Program,
  type Slot,
  stateWords,
  temporaryCount,
} from '../../program/program.js';

/**
 * What becomes of a state operator: `computed` by its kernel into the next state's buffer; `moved`: its operand, a
 * temporary, is computed right into that buffer; `kept`: the tensor does not change, there is only one buffer.
 */
export type StateOperatorKind = 'computed' | 'moved' | 'kept';

/** Addresses in bytes. Where a pair is given, it is for steps that begin with the first or the second state buffer. */
export interface StoragePlan {
  /** By operator. */
  readonly outputs: readonly (readonly [number, number])[];
  readonly operands: readonly (readonly (readonly [number, number])[])[];
  /** By state tensor, in the state before the step. */
  readonly state: readonly (readonly [number, number])[];
  readonly stateKinds: readonly StateOperatorKind[];
  readonly constants: readonly number[];
  /** The first free byte behind everything. */
  readonly end: number;
}

const ALIGNMENT = 64;
/** Bytes behind each tensor that a vector may touch. */
const SLACK = 16;

export function alignUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Places all tensors from address `start` on. */
export function planStorage(program: Program, start: number): StoragePlan {
  const temporaries = temporaryCount(program);
  const stateKinds = stateKindsOf(program);
  let end = alignUp(start);
  const allocate = (words: number): number => {
    const address = end;
    end = alignUp(end + 4 * words + SLACK);
    return address;
  };
  const constants = program.constants.map((tensor) => allocate(constantWords(tensor)));
  const state = program.state.map((tensor, at): readonly [number, number] => {
    const first = allocate(stateWords(tensor));
    return [first, stateKinds[at] === 'kept' ? first : allocate(stateWords(tensor))];
  });
  const next = state.map(([first, second]): readonly [number, number] => [second, first]);
  const moved = new Map<number, number>();
  stateKinds.forEach((kind, tensor) => {
    if (kind === 'moved') moved.set(program.operators[temporaries + tensor]!.slots[0]!.index, tensor);
  });
  const shared = shareTemporaries(program, (operator) => moved.has(operator), end);
  const outputs = program.operators.map((_, operator): readonly [number, number] => {
    if (operator >= temporaries) return next[operator - temporaries]!;
    const tensor = moved.get(operator);
    if (tensor !== undefined) return next[tensor]!;
    return [shared.addresses[operator]!, shared.addresses[operator]!];
  });
  const source = ({ kind, index }: Slot): readonly [number, number] => {
    if (kind === 'temporary') return outputs[index]!;
    return kind === 'state' ? state[index]! : [constants[index]!, constants[index]!];
  };
  const operands = program.operators.map(({ slots }) => slots.map(source));
  return { outputs, operands, state, stateKinds, constants, end: shared.end };
}

/** What becomes of each state operator. */
export function stateKindsOf(program: Program): StateOperatorKind[] {
  const readers = stateReaders(program);
  return program.state.map((_, tensor) => stateOperatorKind(program, tensor, readers));
}

/** By temporary, the state operators that read it. */
function stateReaders(program: Program): ReadonlyMap<number, ReadonlySet<number>> {
  const readers = new Map<number, Set<number>>();
  program.operators.forEach(({ slots }, at) => {
    if (at < temporaryCount(program)) return;
    for (const { kind, index } of slots) {
      if (kind !== 'temporary') continue;
      readers.set(index, (readers.get(index) ?? new Set()).add(at));
    }
  });
  return readers;
}

function stateOperatorKind(
  program: Program,
  tensor: number,
  readers: ReadonlyMap<number, ReadonlySet<number>>,
): StateOperatorKind {
  const number = temporaryCount(program) + tensor;
  const operator = program.operators[number]!;
  if (!isIdentity(operator)) return 'computed';
  const { dtype } = operator.operator;
  const { kind, index } = operator.slots[0]!;
  if (kind === 'state') return index === tensor && program.state[tensor]!.dtype === dtype ? 'kept' : 'computed';
  if (kind === 'constant' || program.operators[index]!.operator.dtype !== dtype) return 'computed';
  // Results are read at the end of the step; a second state operator would see what an observer did to the first.
  const readElsewhere = readers.get(index)!.size > 1;
  return readElsewhere || Object.values(program.results).includes(index) ? 'computed' : 'moved';
}

/** Gives temporaries memory that they share over time. An output never overlaps what its operator reads. */
function shareTemporaries(
  program: Program,
  isElsewhere: (operator: number) => boolean,
  start: number,
): { readonly addresses: readonly number[]; readonly end: number } {
  const temporaries = temporaryCount(program);
  const lastUse = lastUses(program);
  const addresses: number[] = [];
  const live: Block[] = [];
  const ending = new Map<number, Block[]>();
  let end = start;
  for (let at = 0; at < temporaries; at++) {
    for (const block of ending.get(at - 1) ?? []) live.splice(live.indexOf(block), 1);
    if (isElsewhere(at)) {
      addresses.push(-1);
      continue;
    }
    const size = alignUp(4 * outputWords(program.operators[at]!.operator) + SLACK);
    const { from, position } = smallestGap(live, start, size);
    addresses.push(from);
    const block: Block = { from, to: from + size };
    live.splice(position, 0, block);
    const last = lastUse[at]!;
    const others = ending.get(last);
    if (others === undefined) ending.set(last, [block]);
    else others.push(block);
    end = Math.max(end, from + size);
  }
  return { addresses, end };
}

/** By operator, the last one that reads it; results are read after all of them. */
function lastUses(program: Program): number[] {
  const lastUse = program.operators.map((_, at) => at);
  program.operators.forEach(({ slots }, at) => {
    for (const slot of slots) if (slot.kind === 'temporary') lastUse[slot.index] = at;
  });
  for (const operator of Object.values(program.results)) lastUse[operator] = program.operators.length;
  return lastUse;
}

interface Block {
  readonly from: number;
  readonly to: number;
}

/** Where the smallest gap between blocks (sorted) is that is large enough; behind them all where there is none. */
function smallestGap(
  blocks: readonly Block[],
  start: number,
  size: number,
): { readonly from: number; readonly position: number } {
  let best = -1;
  let bestPosition = blocks.length;
  let bestSize = Number.POSITIVE_INFINITY;
  let free = start;
  for (let position = 0; position < blocks.length; position++) {
    const { from, to } = blocks[position]!;
    const gap = from - free;
    if (gap >= size && gap < bestSize) {
      best = free;
      bestPosition = position;
      bestSize = gap;
    }
    free = to;
  }
  return { from: best >= 0 ? best : free, position: bestPosition };
}
