/** What runs in place of a program some of whose constants are larger than memory. */
import { index, load } from '../expr/expression.js';
import { defineOperator, outputWords } from '../expr/operator.js';
import { constantWords, type Program, type ProgramOperator } from '../program/program.js';
import { type RowWindow, throughWindow, windowOf, windowTensor } from './row-windows.js';

export interface WindowedProgram {
  /** The program with a window in the place of each constant that has one; operators and constants keep their numbers. */
  readonly program: Program;
  readonly windows: readonly RowWindow[];
  /** A program whose state after step s is the row numbers of step s: one tensor for each of `rowTemporaries`. */
  readonly rows: Program;
  /** The temporaries of the original program that hold row numbers. */
  readonly rowTemporaries: readonly number[];
}

/** Programs never change, and a verifier prepares the same one for each of its lanes: derive once. */
const derived = new WeakMap<Program, Map<string, WindowedProgram | undefined>>();

/**
 * Puts windows in the place of constants.
 *
 * @param constants - the numbers of those that should not be in memory
 * @returns undefined where none of them can be read through a window
 */
export function windowedProgram(program: Program, constants: readonly number[]): WindowedProgram | undefined {
  const known = derived.get(program) ?? new Map<string, WindowedProgram | undefined>();
  derived.set(program, known);
  const key = constants.join();
  if (!known.has(key)) known.set(key, derive(program, constants));
  return known.get(key);
}

function derive(program: Program, constants: readonly number[]): WindowedProgram | undefined {
  const windows = constants.flatMap((constant) => windowOf(program, constant) ?? []);
  if (windows.length === 0) return undefined;
  const tensors = [...program.constants];
  for (const window of windows) tensors[window.constant] = windowTensor(tensors[window.constant]!, window);
  const operators = program.operators.map((entry) =>
    windows.reduce((changed, window) => {
      return throughWindow(program, changed, window, constantWords(tensors[window.constant]!));
    }, entry),
  );
  const rowTemporaries = [...new Set(windows.map(({ rows }) => rows))];
  return {
    program: { ...program, operators, constants: tensors },
    windows,
    rows: rowProgram(program, rowTemporaries),
    rowTemporaries,
  };
}

function rowProgram(program: Program, rowTemporaries: readonly number[]): Program {
  const temporaries = rowTemporaries.map((at) => program.operators[at]!);
  const copies = temporaries.map(({ operator, label }, at): ProgramOperator => {
    const words = outputWords(operator);
    const operands = [{ dtype: operator.dtype, words }];
    const finish = load(0, index(0), operator.dtype);
    const copy = defineOperator({ kind: 'identity', domain: [words], operands, finish });
    return { operator: copy, slots: [{ kind: 'temporary', index: at }], label };
  });
  return {
    arithmeticVersion: program.arithmeticVersion,
    operators: [...temporaries, ...copies],
    state: temporaries.map(({ operator }, at) => {
      return { name: `rows${at}`, dtype: operator.dtype, shape: [outputWords(operator)] };
    }),
    constants: [],
    results: {},
  };
}
