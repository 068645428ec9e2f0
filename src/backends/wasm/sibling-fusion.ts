/**
 * State operators that run together. They read temporaries and the state before the step, and write the state after it;
 * so no order exists between them, and those that walk over the same tensors (Adam's weight and its two moments) can
 * share their loads and what they compute twice. Whoever looks at single operators still runs them one by one.
 */
import type { BodyNode } from '../../expr/body.js';
import type { Operator } from '../../expr/operator.js';
import { outputWords } from '../../expr/operator.js';
import type { Program, Slot } from '../../program/program.js';

/** An operand of an operator of the program. */
export interface OperandPlace {
  readonly operator: number;
  readonly operand: number;
}

export interface FusedOperators {
  /** Numbers in the program. */
  readonly members: readonly number[];
  /** Computes the first member's output; its body has the nodes of all. */
  readonly operator: Operator;
  /** By member, the node of its output. */
  readonly finishes: readonly number[];
  /** Where the operands of `operator` come from. */
  readonly operands: readonly OperandPlace[];
}

/** Longer bodies have more values than registers. */
const MAXIMUM_NODES = 96;
const MAXIMUM_MEMBERS = 6;

/** Groups of those `candidates` (state operators) that gain from running together. Each is in at most one group. */
export function fuseSiblings(program: Program, candidates: readonly number[]): FusedOperators[] {
  const groups: number[][] = [];
  const groupOfTensor = new Map<string, number[]>();
  for (const candidate of candidates) {
    const { operator } = program.operators[candidate]!;
    if (operator.body.update.length > 0 || operator.reduction.length > 0) continue;
    const tensors = tensorsOf(program, candidate);
    let group = tensors.map((key) => groupOfTensor.get(key)).find((members) => members !== undefined);
    if (group !== undefined && fits(program, [...group, candidate])) group.push(candidate);
    else {
      group = [candidate];
      groups.push(group);
    }
    for (const key of tensors) groupOfTensor.set(key, group);
  }
  return groups.filter((members) => members.length > 1).map((members) => merge(program, members));
}

/** What an operator walks over: its coordinates with each tensor that has one element for each of them. */
function tensorsOf({ operators }: Program, at: number): string[] {
  const { operator, slots } = operators[at]!;
  const words = outputWords(operator);
  const tensors = slots.filter((_, operand) => operator.operands[operand]!.words === words);
  return tensors.map((slot) => `${operator.domain.join()} ${keyOfSlot(slot)}`);
}

function keyOfSlot({ kind, index }: Slot): string {
  return `${kind} ${index}`;
}

function fits(program: Program, members: readonly number[]): boolean {
  const nodes = members.reduce((sum, member) => sum + program.operators[member]!.operator.body.nodes.length, 0);
  return members.length <= MAXIMUM_MEMBERS && nodes <= MAXIMUM_NODES;
}

/** One body for all members, in which equal operands and equal nodes appear once. */
function merge(program: Program, members: readonly number[]): FusedOperators {
  const operands: OperandPlace[] = [];
  const operandNumbers = new Map<string, number>();
  const nodes: BodyNode[] = [];
  const positions = new Map<string, number>();
  const finishes = members.map((member) => {
    const { operator, slots } = program.operators[member]!;
    const numbers = slots.map((slot, operand) => {
      const key = `${keyOfSlot(slot)} ${operator.operands[operand]!.dtype}`;
      return numberOf(key, operandNumbers, () => operands.push({ operator: member, operand }));
    });
    const moved: number[] = [];
    for (const { op, dtype, args, imm } of operator.body.nodes) {
      const reads = op === 'load' || op === 'loadbyte';
      const node: BodyNode = { op, dtype, args: args.map((arg) => moved[arg]!), imm: reads ? numbers[imm]! : imm };
      moved.push(numberOf(`${op},${dtype},${node.imm},${node.args.join()}`, positions, () => nodes.push(node)));
    }
    return moved[operator.body.finish]!;
  });
  const first = program.operators[members[0]!]!.operator;
  const operator: Operator = {
    ...first,
    operands: operands.map((at) => program.operators[at.operator]!.operator.operands[at.operand]!),
    body: { nodes, init: [], update: [], finish: finishes[0]! },
  };
  return { members, operator, finishes, operands };
}

/** The number of what has this key; `add` adds it where it is new, and returns how many there are then. */
function numberOf(key: string, numbers: Map<string, number>, add: () => number): number {
  const number = numbers.get(key) ?? add() - 1;
  numbers.set(key, number);
  return number;
}
