/** The validity rules of a program. A program that breaks one is refused by everybody, whoever made it. */
import { fail } from '../errors/index.js';
import { type Operator, outputWords } from '../expr/operator.js';
import { ARITHMETIC_VERSION } from '../numerics/instructions.js';
import {
  type ConstantTensor,
  constantWords,
  type Program,
  type ProgramOperator,
  SLOT_KINDS,
  type Slot,
  type StateTensor,
  stateWords,
  temporaryCount,
} from './program.js';
import { isCount, isDType, isPlainText, MAX_RANK, MAX_WORDS, operatorProblem, shapeText } from './validate-operator.js';

/** M, T and C are numbers of 24 bits. */
export const MAX_OPERATORS = 0xffffff;
export const MAX_LABEL_LENGTH = 256;
export const MAX_NAME_LENGTH = 256;
const MAX_RESULTS = 256;

type Reason = string | undefined;

/**
 * Checks every rule of a program.
 *
 * @throws `program.unknown-version`, `program.invalid`, `program.invalid-operator`
 */
export function validateProgram(program: Program): void {
  if (program.arithmeticVersion !== ARITHMETIC_VERSION) {
    throw fail('program.unknown-version', { found: String(program.arithmeticVersion), known: ARITHMETIC_VERSION });
  }
  const reason = countsProblem(program) ?? tensorsProblem(program);
  if (reason !== undefined) throw fail('program.invalid', { reason });
  const problems = new Map<Operator, Reason>();
  program.operators.forEach((entry, at) => {
    if (!problems.has(entry.operator)) problems.set(entry.operator, operatorProblem(entry.operator));
    const problem =
      entryTextProblem(entry) ?? problems.get(entry.operator) ?? slotsProblem(program, at) ?? stateProblem(program, at);
    if (problem === undefined) return;
    throw fail('program.invalid-operator', { operator: operatorName(entry, at), reason: problem });
  });
  const resultReason = resultsProblem(program);
  if (resultReason !== undefined) throw fail('program.invalid', { reason: resultReason });
}

/** An operator as errors name it: `17 (matmul, dense_1/forward)`. */
function operatorName({ operator, label }: ProgramOperator, at: number): string {
  const shown = (text: unknown, length: number): string => (isPlainText(text, length) ? text : 'unreadable');
  return `${at} (${shown(operator.kind, 64)}, ${shown(label, MAX_LABEL_LENGTH)})`;
}

function countsProblem(program: Program): Reason {
  const counts = [
    ['temporary operators', temporaryCount(program), 1],
    ['state tensors', program.state.length, 1],
    ['constants', program.constants.length, 0],
  ] as const;
  for (const [what, count, least] of counts) {
    if (!isCount(count, least, MAX_OPERATORS))
      return `it has ${count} ${what}, which is not from ${least} to ${MAX_OPERATORS}`;
  }
  return undefined;
}

function tensorsProblem({ state, constants }: Program): Reason {
  const lists = [
    ['state tensor', state, false],
    ['constant', constants, true],
  ] as const;
  for (const [what, tensors, isBytes] of lists) {
    const names = new Set<string>();
    for (const [at, tensor] of tensors.entries()) {
      const problem =
        tensorProblem(tensor, isBytes) ?? (names.has(tensor.name) ? 'has the name of another one' : undefined);
      if (problem !== undefined) return `${what} ${at} ${problem}`;
      names.add(tensor.name);
    }
  }
  return undefined;
}

function tensorProblem({ name, dtype, shape }: StateTensor | ConstantTensor, isBytes: boolean): Reason {
  if (!isPlainText(name, MAX_NAME_LENGTH) || name === '' || name === '__proto__')
    return 'has a name that is not a short text';
  if (!isDType(dtype) && !(isBytes && dtype === 'u8')) return `('${name}') has the unknown type '${String(dtype)}'`;
  if (shape.length > MAX_RANK || !shape.every((extent) => isCount(extent, 1, MAX_WORDS))) {
    return `('${name}') has the shape ${shapeText(shape)}; up to ${MAX_RANK} axes of at least 1 are allowed`;
  }
  const words = constantWords({ name, dtype, shape });
  return words <= MAX_WORDS
    ? undefined
    : `('${name}') of shape ${shapeText(shape)} has ${words} words; the limit is ${MAX_WORDS}`;
}

function entryTextProblem({ label }: ProgramOperator): Reason {
  return isPlainText(label, MAX_LABEL_LENGTH) ? undefined : 'its label is not a short text';
}

/** Operands come from temporaries before the operator, the state or constants, and are exactly as long as their source. */
function slotsProblem(program: Program, at: number): Reason {
  const { operator, slots } = program.operators[at]!;
  if (slots.length !== operator.operands.length)
    return `it has ${operator.operands.length} operands and ${slots.length} slots`;
  for (const [position, slot] of slots.entries()) {
    const problem = slotProblem(program, at, slot, operator.operands[position]!);
    if (problem !== undefined) return `operand ${position} ${problem}`;
  }
  return undefined;
}

function slotProblem(program: Program, at: number, slot: Slot, operand: Operator['operands'][number]): Reason {
  if (!Object.hasOwn(SLOT_KINDS, slot.kind)) return `comes from '${String(slot.kind)}', which is no kind of source`;
  const count = {
    temporary: Math.min(at, temporaryCount(program)),
    state: program.state.length,
    constant: program.constants.length,
  }[slot.kind];
  const where = `comes from ${slot.kind} ${String(slot.index)}`;
  if (!isCount(slot.index, 0, count - 1)) return `${where}, but it may only read the first ${count}`;
  const source = sourceOf(program, slot);
  if (source.words !== operand.words)
    return `has ${operand.words} words and ${where} of shape ${shapeText(source.shape)} (${source.words} words)`;
  return source.dtype === operand.dtype ? undefined : `is ${operand.dtype} and ${where}, which is ${source.dtype}`;
}

/** What a slot that exists reads. A `u8` constant is read as i32 words. */
function sourceOf(program: Program, { kind, index }: Slot): { words: number; dtype: string; shape: readonly number[] } {
  if (kind === 'temporary') {
    const { operator } = program.operators[index]!;
    return { words: outputWords(operator), dtype: operator.dtype, shape: operator.domain };
  }
  if (kind === 'state') {
    const tensor = program.state[index]!;
    return { words: stateWords(tensor), dtype: tensor.dtype, shape: tensor.shape };
  }
  const tensor = program.constants[index]!;
  return { words: constantWords(tensor), dtype: tensor.dtype === 'u8' ? 'i32' : tensor.dtype, shape: tensor.shape };
}

/** State operator M+t computes state tensor t. */
function stateProblem(program: Program, at: number): Reason {
  const tensor = program.state[at - temporaryCount(program)];
  if (tensor === undefined) return undefined;
  const { operator } = program.operators[at]!;
  if (outputWords(operator) !== stateWords(tensor)) {
    return `its domain ${shapeText(operator.domain)} is not as long as state tensor '${tensor.name}' ${shapeText(tensor.shape)}`;
  }
  return operator.dtype === tensor.dtype
    ? undefined
    : `it is ${operator.dtype} and state tensor '${tensor.name}' is ${tensor.dtype}`;
}

function resultsProblem(program: Program): Reason {
  const entries = Object.entries(program.results);
  if (entries.length > MAX_RESULTS) return `it has ${entries.length} results; the limit is ${MAX_RESULTS}`;
  for (const [name, at] of entries) {
    // Names that look like array indices would change the order of the results.
    if (!/^[A-Za-z][\w.-]{0,63}$/.test(name))
      return `the name of result '${isPlainText(name, 64) ? name : 'unreadable'}' is not a word`;
    if (!isCount(at, 0, temporaryCount(program) - 1))
      return `result '${name}' names operator ${String(at)}, which is no temporary`;
    const { operator } = program.operators[at]!;
    if (outputWords(operator) !== 1)
      return `result '${name}' is operator ${at} of shape ${shapeText(operator.domain)}, not one element`;
  }
  return undefined;
}
