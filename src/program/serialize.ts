/**
 * Programs as text: one JSON document, canonical (equal programs have equal texts, and no other text is accepted).
 *
 * Operators that compute the same thing share one entry of the table of definitions, in the order of their first use.
 * `docs/program.md` describes every field.
 */
import type { BodyNode } from '../expr/body.js';
import type { LeafName, NodeName } from '../expr/expression.js';
import type { Operand, Operator } from '../expr/operator.js';
import { type DType, INSTRUCTIONS } from '../numerics/instructions.js';
import { MAX_SLOTS } from '../referee/machine-instructions.js';
import {
  arrayField,
  countField,
  countsField,
  recordField,
  textField,
  tupleField,
  unreadable,
  wordField,
} from './json-fields.js';
import {
  type ConstantDType,
  type ConstantTensor,
  type Program,
  type ProgramOperator,
  SLOT_KINDS,
  type SlotKind,
} from './program.js';
import { MAX_LABEL_LENGTH, MAX_NAME_LENGTH, MAX_OPERATORS, validateProgram } from './validate.js';
import { MAX_BODY_NODES, MAX_RANK } from './validate-operator.js';

const PROGRAM_SCHEMA = 'gensyn.program/1';
/** The longest text that is read, in UTF-16 units. */
const MAX_PROGRAM_TEXT = 64 * 1024 * 1024;

const LEAVES: readonly LeafName[] = ['const', 'index', 'reduce', 'step', 'acc', 'result', 'load', 'loadbyte'];
const NODE_NAMES: ReadonlySet<string> = new Set([...LEAVES, ...Object.keys(INSTRUCTIONS)]);
const DTYPES: ReadonlySet<string> = new Set(['f32', 'i32']);
const CONSTANT_DTYPES: ReadonlySet<string> = new Set(['f32', 'i32', 'u8']);
const SLOT_NAMES: ReadonlySet<string> = new Set(Object.keys(SLOT_KINDS));
const TOP_KEYS = ['schema', 'arithmeticVersion', 'state', 'constants', 'definitions', 'operators', 'results'] as const;
const DEFINITION_KEYS = [
  'kind',
  'dtype',
  'domain',
  'reduction',
  'operands',
  'nodes',
  'init',
  'update',
  'finish',
] as const;
const NO_NUMBERS: readonly number[] = [];

/** The canonical text of a valid program. */
export function serializeProgram(program: Program): string {
  const { texts, numbers } = tableOfDefinitions(program.operators);
  const operators = program.operators.map(({ operator, slots, label }) =>
    JSON.stringify([numbers.get(operator), slots.map(({ kind, index }) => [kind, index]), label]),
  );
  const tensors = (list: readonly ConstantTensor[]): string[] =>
    list.map(({ name, dtype, shape }) => JSON.stringify([name, dtype, shape]));
  const results = Object.entries(program.results).map((result) => JSON.stringify(result));
  return [
    `{"schema":"${PROGRAM_SCHEMA}","arithmeticVersion":${program.arithmeticVersion}`,
    `"state":${lines(tensors(program.state))}`,
    `"constants":${lines(tensors(program.constants))}`,
    `"definitions":${lines(texts)}`,
    `"operators":${lines(operators)}`,
    `"results":${lines(results)}}\n`,
  ].join(',\n');
}

/**
 * Reads and validates a program.
 *
 * @throws `program.bad-text`, `program.unknown-version`, `program.invalid`, `program.invalid-operator`
 */
export function parseProgram(text: string): Program {
  if (text.length > MAX_PROGRAM_TEXT) {
    throw unreadable(`it has ${text.length} characters; the limit is ${MAX_PROGRAM_TEXT}`);
  }
  const program = readProgram(parseJson(text));
  validateProgram(program);
  // Also finds what JSON.parse lets pass: keys that stand twice, other spellings of numbers, definitions in another order.
  if (serializeProgram(program) !== text) throw unreadable('it is not in canonical form');
  return program;
}

/** One JSON value a line, so that texts can be compared by line. */
function lines(items: readonly string[]): string {
  return items.length === 0 ? '[]' : `[\n${items.join(',\n')}\n]`;
}

function tableOfDefinitions(operators: readonly ProgramOperator[]): {
  texts: string[];
  numbers: Map<Operator, number>;
} {
  const numbers = new Map<Operator, number>();
  const numberOfText = new Map<string, number>();
  for (const { operator } of operators) {
    if (numbers.has(operator)) continue;
    const text = definitionText(operator);
    const number = numberOfText.get(text) ?? numberOfText.size;
    numberOfText.set(text, number);
    numbers.set(operator, number);
  }
  return { texts: [...numberOfText.keys()], numbers };
}

/** The canonical text of an operator's definition: equal for operators that are equal in every field. */
function definitionText({ kind, dtype, domain, reduction, operands, body }: Operator): string {
  return JSON.stringify({
    kind,
    dtype,
    domain,
    reduction,
    operands: operands.map((operand) => [operand.dtype, operand.words]),
    nodes: body.nodes.map((node) => [node.op, node.dtype, node.args, node.imm]),
    init: body.init,
    update: body.update,
    finish: body.finish,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable('it is not JSON', cause);
  }
}

function readProgram(document: unknown): Program {
  const top = recordField(document, 'the document', TOP_KEYS);
  if (top.schema !== PROGRAM_SCHEMA) throw unreadable(`its schema is not '${PROGRAM_SCHEMA}'`);
  const definitions = arrayField(top.definitions, 'definitions', MAX_OPERATORS).map((definition, at) =>
    readDefinition(definition, `definitions[${at}]`),
  );
  return {
    arithmeticVersion: countField(top.arithmeticVersion, 'arithmeticVersion'),
    operators: arrayField(top.operators, 'operators', 2 * MAX_OPERATORS).map((operator, at) =>
      readOperator(operator, `operators[${at}]`, definitions),
    ),
    state: readTensors<DType>(top.state, 'state', DTYPES),
    constants: readTensors<ConstantDType>(top.constants, 'constants', CONSTANT_DTYPES),
    results: readResults(top.results),
  };
}

function readDefinition(value: unknown, where: string): Operator {
  const fields = recordField(value, where, DEFINITION_KEYS);
  return {
    kind: textField(fields.kind, `${where}.kind`, 64),
    dtype: wordField<DType>(fields.dtype, `${where}.dtype`, DTYPES),
    domain: countsField(fields.domain, `${where}.domain`, MAX_RANK),
    reduction: countsField(fields.reduction, `${where}.reduction`, MAX_RANK),
    operands: arrayField(fields.operands, `${where}.operands`, MAX_SLOTS).map((operand, at) =>
      readOperand(operand, `${where}.operands[${at}]`),
    ),
    body: {
      nodes: arrayField(fields.nodes, `${where}.nodes`, MAX_BODY_NODES).map((node, at) => readNode(node, where, at)),
      init: countsField(fields.init, `${where}.init`, MAX_BODY_NODES),
      update: countsField(fields.update, `${where}.update`, MAX_BODY_NODES),
      finish: countField(fields.finish, `${where}.finish`),
    },
  };
}

function readOperand(value: unknown, where: string): Operand {
  const [dtype, words] = tupleField(value, where, 2);
  return { dtype: wordField<DType>(dtype, where, DTYPES), words: countField(words, where) };
}

function readNode(value: unknown, definition: string, at: number): BodyNode {
  const where = `${definition}.nodes[${at}]`;
  const [op, dtype, args, imm] = tupleField(value, where, 4);
  return {
    op: wordField<NodeName>(op, where, NODE_NAMES),
    dtype: wordField<DType>(dtype, where, DTYPES),
    args: Array.isArray(args) && args.length === 0 ? NO_NUMBERS : countsField(args, where, 3),
    imm: countField(imm, where),
  };
}

function readOperator(value: unknown, where: string, definitions: readonly Operator[]): ProgramOperator {
  const [number, slots, label] = tupleField(value, where, 3);
  const operator = definitions[countField(number, where)];
  if (operator === undefined) throw unreadable(`${where} has a definition that does not exist`);
  return {
    operator,
    slots: arrayField(slots, where, MAX_SLOTS).map((slot) => {
      const [kind, index] = tupleField(slot, where, 2);
      return { kind: wordField<SlotKind>(kind, where, SLOT_NAMES), index: countField(index, where) };
    }),
    label: textField(label, where, MAX_LABEL_LENGTH),
  };
}

function readTensors<Type extends ConstantDType>(value: unknown, where: string, dtypes: ReadonlySet<string>) {
  return arrayField(value, where, MAX_OPERATORS).map((tensor, at) => {
    const [name, dtype, shape] = tupleField(tensor, `${where}[${at}]`, 3);
    return {
      name: textField(name, `${where}[${at}]`, MAX_NAME_LENGTH),
      dtype: wordField<Type>(dtype, `${where}[${at}]`, dtypes),
      shape: countsField(shape, `${where}[${at}]`, MAX_RANK),
    };
  });
}

function readResults(value: unknown): Record<string, number> {
  const entries = arrayField(value, 'results', 256).map((result, at): [string, number] => {
    const [name, operator] = tupleField(result, `results[${at}]`, 2);
    return [textField(name, `results[${at}]`, 64), countField(operator, `results[${at}]`)];
  });
  // `fromEntries` defines own properties, so that no name can reach a prototype; validation then refuses odd names.
  return Object.fromEntries(entries);
}
