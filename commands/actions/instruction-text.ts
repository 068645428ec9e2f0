/** An executed instruction as people read it. */
import type { OperatorDescription } from '../../src/program/describe.js';
import type { InstructionReport, StateReport } from '../../src/verify/instruction-report.js';
import type { WordValue } from '../../src/verify/word-value.js';

type Fact = [name: string, value: string];

const REGISTERS_IN_A_ROW = 6;

/** What an instruction is, reads and sets, and the states around it. */
export function instructionFacts(instruction: InstructionReport): Fact[] {
  const { index, of, text, pc, loop, operands, before, expected, claimed, result } = instruction;
  const place = `at ${pc}${loop === null ? '' : ` in loop ${loop}`}`;
  const differs = expected.hash !== claimed.hash;
  return [
    ['instruction', `${index} of ${of}, ${place}: ${text}`],
    ['reads', operands.map(({ name, ...word }) => `${name} = ${wordText(word)}`).join(', ') || 'nothing'],
    ...resultFacts(result, differs),
    ...registerFacts(before),
    ['state before', before.hash],
    ['state after', differs ? `${expected.hash} expected` : expected.hash],
    ...(differs ? [['', `${claimed.hash} claimed`] satisfies Fact] : []),
  ];
}

/** Where each operand of an operator comes from. */
export function sourceFacts({ sources }: OperatorDescription): Fact[] {
  return sources.map((source, slot) => [`slot${slot}`, source]);
}

function resultFacts(result: InstructionReport['result'], differs: boolean): Fact[] {
  if (result === null) return [['sets', 'nothing']];
  const { name, expected, claimed } = result;
  if (!differs) return [['sets', `${name} = ${wordText(expected)}`]];
  return [
    ['sets', `${name} = ${wordText(expected)} expected`],
    ['', `${name} = ${wordText(claimed)} claimed`],
  ];
}

/** The registers that are not 0. */
function registerFacts({ registers }: StateReport): Fact[] {
  const shown = registers.flatMap((bits, register) => (Number(bits) === 0 ? [] : [`r${register} ${bits}`]));
  if (shown.length === 0) return [['registers', 'all 0']];
  return Array.from({ length: Math.ceil(shown.length / REGISTERS_IN_A_ROW) }, (_, row) => [
    row === 0 ? 'registers' : '',
    shown.slice(row * REGISTERS_IN_A_ROW, (row + 1) * REGISTERS_IN_A_ROW).join('  '),
  ]);
}

/** A word as a number and as bits. */
export function wordText({ value, bits }: WordValue): string {
  return `${value} (${bits})`;
}
