/** A program in the words of people: what `gensyn inspect` shows. */
import { outputWords } from '../expr/operator.js';
import { compileMicrocode } from '../referee/compile-microcode.js';
import { constantWords, isIdentity, type Program, type Slot, stateWords, temporaryCount } from './program.js';

export interface OperatorDescription {
  /** The operator's number: k, from 0 to M+T−1. */
  readonly index: number;
  readonly kind: string;
  readonly label: string;
  readonly dtype: string;
  readonly domain: readonly number[];
  readonly reduction: readonly number[];
  readonly words: number;
  /** The sources of its operands: `temporary 3`, `state dense/kernel`, `constant images`. */
  readonly sources: readonly string[];
  /** The state tensor that it computes; undefined for a temporary. */
  readonly computes: string | undefined;
  readonly isIdentity: boolean;
  /** Length of the microcode, in instructions. */
  readonly codeLength: number;
  /** N: instructions executed for one element. */
  readonly instructions: number;
}

export interface ProgramDescription {
  readonly arithmeticVersion: number;
  readonly temporaries: number;
  readonly states: number;
  readonly constants: number;
  /** Distinct operator definitions. */
  readonly definitions: number;
  /** Words of all state tensors, of all constants, and of all temporaries. */
  readonly stateWords: number;
  readonly constantWords: number;
  readonly temporaryWords: number;
  /** Machine instructions of one training step, if the referee ran all of it. */
  readonly instructionsPerStep: bigint;
  readonly results: readonly string[];
}

/** Describes a valid program as a whole. */
export function describeProgram(program: Program): ProgramDescription {
  const temporaries = program.operators.slice(0, temporaryCount(program));
  const sum = (words: readonly number[]): number => words.reduce((total, count) => total + count, 0);
  return {
    arithmeticVersion: program.arithmeticVersion,
    temporaries: temporaries.length,
    states: program.state.length,
    constants: program.constants.length,
    definitions: new Set(program.operators.map(({ operator }) => operator)).size,
    stateWords: sum(program.state.map(stateWords)),
    constantWords: sum(program.constants.map(constantWords)),
    temporaryWords: sum(temporaries.map(({ operator }) => outputWords(operator))),
    instructionsPerStep: program.operators.reduce(
      (total, { operator, label }) =>
        total + BigInt(compileMicrocode(operator, label).instructions) * BigInt(outputWords(operator)),
      0n,
    ),
    results: Object.keys(program.results),
  };
}

/** Describes every operator of a valid program, in order. */
export function describeOperators(program: Program): OperatorDescription[] {
  return program.operators.map((_, index) => describeOperator(program, index));
}

/** Describes one operator. */
export function describeOperator(program: Program, index: number): OperatorDescription {
  const entry = program.operators[index];
  if (entry === undefined) throw new Error(`operator ${index} of ${program.operators.length}`);
  const { operator, slots, label } = entry;
  const { code, instructions } = compileMicrocode(operator, label);
  return {
    index,
    kind: operator.kind,
    label,
    dtype: operator.dtype,
    domain: operator.domain,
    reduction: operator.reduction,
    words: outputWords(operator),
    sources: slots.map((slot) => sourceName(program, slot)),
    computes: program.state[index - temporaryCount(program)]?.name,
    isIdentity: isIdentity(entry),
    codeLength: code.length / 8,
    instructions,
  };
}

function sourceName(program: Program, { kind, index }: Slot): string {
  if (kind === 'temporary') return `temporary ${index}`;
  return `${kind} ${(kind === 'state' ? program.state : program.constants)[index]?.name ?? index}`;
}
