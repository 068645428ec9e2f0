/** Valid programs of random operators that read constants, the state and each other. */
import { type Operator, outputWords } from '../../src/expr/operator.js';
import { ARITHMETIC_VERSION, type DType } from '../../src/numerics/instructions.js';
import type { ConstantTensor, Program, ProgramOperator, Slot } from '../../src/program/program.js';
import { operatorProblem } from '../../src/program/validate-operator.js';
import { fitsReferee } from '../../src/referee/compile-microcode.js';
import { identity } from '../../test/program/sample-program.js';
import { type Random, randomOperator } from '../../test/referee/random-operators.js';

const MOST_OPERATORS = 6;
const STATE_WORDS = 5;
const SIZE = 10;

export function randomProgram(random: Random): Program {
  const constants: ConstantTensor[] = [];
  const operators: ProgramOperator[] = [];
  for (let count = 1 + random.below(MOST_OPERATORS); count > 0; count--) {
    const operator = validOperator(random);
    const slots = operator.operands.map((operand) => sourceOf(random, operand, operators, constants));
    operators.push({ operator, slots, label: `layer_${random.below(3)}/forward` });
  }
  const scalar = operators.findIndex(({ operator }) => outputWords(operator) === 1);
  operators.push({ operator: identity(STATE_WORDS), slots: [{ kind: 'state', index: 0 }], label: 'state' });
  return {
    arithmeticVersion: ARITHMETIC_VERSION,
    operators,
    state: [{ name: 's', dtype: 'f32', shape: [STATE_WORDS] }],
    constants,
    results: scalar < 0 ? {} : { loss: scalar },
  };
}

/** Random operators may hold NaNs that no program may hold, and may be too long for the referee. */
function validOperator(random: Random): Operator {
  for (;;) {
    const operator = randomOperator(random, SIZE);
    if (operatorProblem(operator) === undefined && fitsReferee(operator)) return operator;
  }
}

/** An earlier temporary or the state where one fits, else a constant of its own. */
function sourceOf(
  random: Random,
  { dtype, words }: { readonly dtype: DType; readonly words: number },
  before: readonly ProgramOperator[],
  constants: ConstantTensor[],
): Slot {
  const fits = ({ operator }: ProgramOperator): boolean => operator.dtype === dtype && outputWords(operator) === words;
  const temporary = before.findIndex(fits);
  if (temporary >= 0 && random.below(4) > 0) return { kind: 'temporary', index: temporary };
  if (dtype === 'f32' && words === STATE_WORDS) return { kind: 'state', index: 0 };
  return { kind: 'constant', index: constants.push({ name: `c${constants.length}`, dtype, shape: [words] }) - 1 };
}
