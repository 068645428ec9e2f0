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
  const stateKinds = program.state.map((_, tensor) => stateOperatorKind(program, tensor));
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

function stateOperatorKind(program: Program, tensor: number): StateOperatorKind {
  const number = temporaryCount(program) + tensor;
  const operator = program.operators[number]!;
  if (!isIdentity(operator)) return 'computed';
  const { dtype } = operator.operator;
  const { kind, index } = operator.slots[0]!;
  if (kind === 'state') return index === tensor && program.state[tensor]!.dtype === dtype ? 'kept' : 'computed';
  if (kind === 'constant' || program.operators[index]!.operator.dtype !== dtype) return 'computed';
  // Results are read at the end of the step; a second state operator would see what an observer did to the first.
  const readElsewhere = program.operators.some(
    ({ slots }, at) =>
      at >= temporaryCount(program) &&
      at !== number &&
      slots.some((slot) => slot.kind === 'temporary' && slot.index === index),
  );
  return readElsewhere || Object.values(program.results).includes(index) ? 'computed' : 'moved';
}

/** Gives temporaries memory that they share over time. An output never overlaps what its operator reads. */
function shareTemporaries(
  program: Program,
  isElsewhere: (operator: number) => boolean,
  start: number,
): { readonly addresses: readonly number[]; readonly end: number } {
  const temporaries = temporaryCount(program);
  const lastUse = program.operators.map((_, at) => at);
  program.operators.forEach(({ slots }, at) => {
    for (const slot of slots) if (slot.kind === 'temporary') lastUse[slot.index] = at;
  });
  for (const operator of Object.values(program.results)) lastUse[operator] = program.operators.length;
  const addresses: number[] = [];
  let live: { readonly from: number; readonly to: number; readonly until: number }[] = [];
  let end = start;
  for (let at = 0; at < temporaries; at++) {
    live = live.filter((block) => block.until >= at);
    if (isElsewhere(at)) {
      addresses.push(-1);
      continue;
    }
    const size = alignUp(4 * outputWords(program.operators[at]!.operator) + SLACK);
    const from = smallestGap(live, start, size);
    addresses.push(from);
    live.push({ from, to: from + size, until: lastUse[at]! });
    live.sort((a, b) => a.from - b.from);
    end = Math.max(end, from + size);
  }
  return { addresses, end };
}

/** The address of the smallest gap between blocks (sorted) that is large enough; behind them all where there is none. */
function smallestGap(blocks: readonly { from: number; to: number }[], start: number, size: number): number {
  let best = -1;
  let bestSize = Number.POSITIVE_INFINITY;
  let free = start;
  for (const { from, to } of blocks) {
    const gap = from - free;
    if (gap >= size && gap < bestSize) {
      best = free;
      bestSize = gap;
    }
    free = to;
  }
  return best >= 0 ? best : free;
}
