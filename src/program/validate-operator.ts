/** The validity rules of one operator. Every rule is a function that gives the reason why it is broken, or nothing. */
import type { BodyNode } from '../expr/body.js';
import type { LeafName } from '../expr/expression.js';
import { type Operator, product, regionsOf } from '../expr/operator.js';
import { isForeignNaN } from '../numerics/float32.js';
import { type DType, INSTRUCTIONS, type Instruction, isInstructionName } from '../numerics/instructions.js';
import { MAX_SLOTS } from '../referee/machine-instructions.js';

export const MAX_RANK = 8;
export const MAX_BODY_NODES = 4096;
const MAX_ACCUMULATORS = 16;
export const MAX_WORDS = 0xffffffff;
const MAX_KIND_LENGTH = 64;

type Reason = string | undefined;

/** Why an operator is not valid, or undefined. */
export function operatorProblem(operator: Operator): Reason {
  return extentsProblem(operator) ?? operandsProblem(operator) ?? bodyProblem(operator);
}

/** True for an integer from `least` to `most`. */
export function isCount(value: unknown, least: number, most: number): value is number {
  return (
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most && !Object.is(value, -0)
  );
}

export function isDType(value: unknown): value is DType {
  return value === 'f32' || value === 'i32';
}

/** True for text that people can be shown: bounded, no control characters, no half of a surrogate pair. */
export function isPlainText(value: unknown, maxLength: number): value is string {
  return (
    typeof value === 'string' &&
    value.length <= maxLength &&
    !/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(value)
  );
}

/** A shape as people write it: `[3, 4]`. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

function extentsProblem({ kind, dtype, domain, reduction, operands }: Operator): Reason {
  if (!isPlainText(kind, MAX_KIND_LENGTH) || kind === '') return 'its kind is not a short text';
  if (!isDType(dtype)) return `its type is '${String(dtype)}', neither f32 nor i32`;
  for (const [name, shape, least] of [
    ['domain', domain, 1],
    ['reduction', reduction, 0],
  ] as const) {
    if (shape.length > MAX_RANK) return `its ${name} has ${shape.length} axes; the limit is ${MAX_RANK}`;
    if (!shape.every((extent) => isCount(extent, least, MAX_WORDS))) {
      return `its ${name} ${shapeText(shape)} has an extent that is not an integer from ${least} to ${MAX_WORDS}`;
    }
  }
  const words = product(domain);
  if (words > MAX_WORDS) return `its domain ${shapeText(domain)} has ${words} elements; the limit is ${MAX_WORDS}`;
  if (operands.length > MAX_SLOTS) return `it has ${operands.length} operands; the limit is ${MAX_SLOTS}`;
  return undefined;
}

function operandsProblem({ operands }: Operator): Reason {
  for (const [at, { dtype, words }] of operands.entries()) {
    if (!isDType(dtype)) return `operand ${at} has the type '${String(dtype)}', neither f32 nor i32`;
    if (!isCount(words, 1, MAX_WORDS)) return `operand ${at} has ${words} words, which is not from 1 to ${MAX_WORDS}`;
  }
  return undefined;
}

function bodyProblem(operator: Operator): Reason {
  const { nodes, init, update, finish } = operator.body;
  if (nodes.length > MAX_BODY_NODES) return `its body has ${nodes.length} nodes; the limit is ${MAX_BODY_NODES}`;
  const roots = [...init, ...update, finish];
  if (!roots.every((at) => isCount(at, 0, nodes.length - 1))) return 'an initial value, update or finish names no node';
  if (init.length !== update.length) return `it has ${init.length} initial values and ${update.length} updates`;
  if (update.length > MAX_ACCUMULATORS) return `it has ${update.length} accumulators; the limit is ${MAX_ACCUMULATORS}`;
  if ((operator.reduction.length === 0) !== (update.length === 0)) {
    return `it reduces over ${shapeText(operator.reduction)} with ${update.length} accumulators`;
  }
  for (const [at, node] of nodes.entries()) {
    const problem = argumentsProblem(operator, node, at) ?? immediateProblem(operator, node);
    if (problem !== undefined) return `node ${at} (${String(node.op)}): ${problem}`;
  }
  return typesProblem(operator) ?? regionsProblem(operator);
}

const LEAF_ARGUMENTS: Readonly<Record<LeafName, readonly DType[]>> = {
  const: [],
  index: [],
  reduce: [],
  step: [],
  acc: [],
  result: [],
  load: ['i32'],
  loadbyte: ['i32'],
};

/** Arguments stand before their use and have the types of the table; so has the result. */
function argumentsProblem({ body }: Operator, node: BodyNode, at: number): Reason {
  const { op, dtype, args } = node;
  if (!isDType(dtype)) return `its type is '${String(dtype)}', neither f32 nor i32`;
  const instruction: Instruction | undefined = isInstructionName(op) ? INSTRUCTIONS[op] : undefined;
  if (instruction === undefined && !Object.hasOwn(LEAF_ARGUMENTS, op)) return 'there is no such instruction';
  const wanted = instruction?.args ?? LEAF_ARGUMENTS[op as LeafName];
  if (args.length !== wanted.length) return `it has ${args.length} arguments instead of ${wanted.length}`;
  for (const [position, arg] of args.entries()) {
    if (!isCount(arg, 0, at - 1)) return `argument ${position} is ${String(arg)}, which does not stand before it`;
    const found = body.nodes[arg]!.dtype;
    if (found !== wanted[position]) return `argument ${position} is ${found} instead of ${wanted[position]}`;
  }
  if (instruction !== undefined && dtype !== instruction.result)
    return `it is ${dtype} instead of ${instruction.result}`;
  return undefined;
}

/** The number in a leaf names something that exists, of the leaf's type. */
function immediateProblem(operator: Operator, { op, dtype, imm }: BodyNode): Reason {
  const { body, domain, reduction, operands } = operator;
  if (!isCount(imm, 0, MAX_WORDS)) return `its number ${String(imm)} is not an integer of 32 bits`;
  const outside = (count: number, what: string): Reason =>
    imm < count ? undefined : `it names ${what} ${imm} of ${count}`;
  const integer = dtype === 'i32' ? undefined : 'it is f32 instead of i32';
  switch (op) {
    case 'const':
      return dtype === 'f32' && isForeignNaN(imm) ? 'it is a NaN other than the canonical one' : undefined;
    case 'index':
      return integer ?? outside(domain.length, 'output axis');
    case 'reduce':
      return integer ?? outside(reduction.length, 'reduction axis');
    case 'step':
      return integer ?? outside(1, 'step');
    case 'load':
      return outside(operands.length, 'operand');
    case 'loadbyte':
      return integer ?? outside(operands.length, 'operand');
    case 'acc':
    case 'result': {
      const start = body.nodes[body.init[imm] ?? -1]?.dtype;
      if (start === undefined) return outside(body.init.length, 'accumulator');
      return dtype === start ? undefined : `it is ${dtype} and accumulator ${imm} is ${start}`;
    }
    default:
      return imm === 0 ? undefined : `its number is ${imm} instead of 0`;
  }
}

function typesProblem({ body, dtype }: Operator): Reason {
  const typeAt = (at: number): DType => body.nodes[at]!.dtype;
  const slot = body.update.findIndex((at, position) => typeAt(at) !== typeAt(body.init[position]!));
  if (slot >= 0)
    return `accumulator ${slot} starts as ${typeAt(body.init[slot]!)} and is updated to ${typeAt(body.update[slot]!)}`;
  return typeAt(body.finish) === dtype ? undefined : `it is ${dtype} and finishes as ${typeAt(body.finish)}`;
}

/** What is known only in the fold is read only there, and what is known only after it only afterwards. */
function regionsProblem({ body }: Operator): Reason {
  const regions = regionsOf(body);
  const mixed = body.nodes.findIndex(
    ({ args }, at) => regions[at] === 'finish' && args.some((arg) => regions[arg] === 'fold'),
  );
  if (mixed >= 0) return `node ${mixed} mixes the result of the fold with values from inside of it`;
  if (body.init.some((at) => regions[at] !== 'element')) return 'an initial value depends on the fold';
  if (body.update.some((at) => regions[at] === 'finish')) return 'an update depends on the result of the fold';
  return regions[body.finish] === 'fold' ? 'its finish reads values from inside of the fold' : undefined;
}
