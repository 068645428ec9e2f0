/** The living definition of what a body means for one output element. Clarity before speed. */
import { bitsOf, valueOf } from '../numerics/float32.js';
import { INSTRUCTIONS, type Instruction, type InstructionName } from '../numerics/instructions.js';
import { type BodyNode, constantValue } from './body.js';
import { type Operator, type Region, regionsOf, stridesOf } from './operator.js';

/** Computes the word of one output element from operands that are exactly as long as the operator declares. */
export type EvaluateElement = (operands: readonly Uint32Array[], element: number, trainingStep: number) => number;

/** Prepares an operator for element-wise evaluation. The function it returns is not re-entrant. */
export function prepare(operator: Operator): EvaluateElement {
  const { body, domain, reduction } = operator;
  const regions = regionsOf(body);
  const values = new Float64Array(body.nodes.length);
  const coordinates = new Int32Array(domain.length);
  const turn = new Int32Array(reduction.length);
  const accumulators = new Float64Array(body.update.length);
  const strides = stridesOf(domain);
  let operands: readonly Uint32Array[] = [];
  let step = 0;

  const run = (region: Region): void => {
    body.nodes.forEach((node, at) => {
      if (regions[at] === region) values[at] = compute(node);
    });
  };
  const compute = (node: BodyNode): number => {
    switch (node.op) {
      case 'const':
        return constantValue(node);
      case 'index':
        return coordinates[node.imm]!;
      case 'reduce':
        return turn[node.imm]!;
      case 'step':
        return step | 0;
      case 'acc':
      case 'result':
        return accumulators[node.imm]!;
      case 'load': {
        const word = operands[node.imm]![values[node.args[0]!]! >>> 0] ?? 0;
        return node.dtype === 'f32' ? valueOf(word) : word | 0;
      }
      case 'loadbyte': {
        const at = values[node.args[0]!]! >>> 0;
        return ((operands[node.imm]![at >>> 2] ?? 0) >>> ((at & 3) * 8)) & 255;
      }
      default:
        return instruction(node.op, node.args);
    }
  };
  const instruction = (name: InstructionName, args: readonly number[]): number => {
    const { evaluate }: Instruction = INSTRUCTIONS[name];
    return evaluate(values[args[0]!]!, values[args[1]!] ?? 0, values[args[2]!] ?? 0);
  };
  const fold = (axis: number): void => {
    if (axis === reduction.length) {
      run('fold');
      // All updates see the accumulators from before the turn.
      const next = body.update.map((at) => values[at]!);
      accumulators.set(next);
      return;
    }
    for (let r = 0; r < reduction[axis]!; r++) {
      turn[axis] = r;
      fold(axis + 1);
    }
  };

  return (given, element, trainingStep) => {
    operands = given;
    step = trainingStep;
    for (let axis = 0; axis < domain.length; axis++) {
      coordinates[axis] = Math.floor(element / strides[axis]!) % domain[axis]!;
    }
    run('element');
    if (body.update.length > 0) {
      accumulators.set(body.init.map((at) => values[at]!));
      fold(0);
    }
    run('finish');
    const value = values[body.finish]!;
    return operator.dtype === 'f32' ? bitsOf(value) : value >>> 0;
  };
}
