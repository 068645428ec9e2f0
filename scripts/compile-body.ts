/** Compiles the body of an elementwise operator to a JavaScript function: fast enough for millions of points. */
import type { Body, BodyNode } from '../src/expr/body.js';
import { constantValue, flatten } from '../src/expr/body.js';
import type { F32 } from '../src/expr/expression.js';
import { i32, load } from '../src/expr/expression.js';
import type { InstructionName } from '../src/numerics/instructions.js';
import { INSTRUCTIONS } from '../src/numerics/instructions.js';

/** Instructions whose definition is one JavaScript expression; the others are called through the table. */
const INLINE: Partial<Record<InstructionName, (a: string, b: string, c: string) => string>> = {
  fadd: (a, b) => `fround(${a} + ${b})`,
  fsub: (a, b) => `fround(${a} - ${b})`,
  fmul: (a, b) => `fround(${a} * ${b})`,
  fdiv: (a, b) => `fround(${a} / ${b})`,
  fsqrt: (a) => `fround(Math.sqrt(${a}))`,
  fmin: (a, b) => `Math.min(${a}, ${b})`,
  fmax: (a, b) => `Math.max(${a}, ${b})`,
  fneg: (a) => `-${a}`,
  fabs: (a) => `Math.abs(${a})`,
  ffloor: (a) => `Math.floor(${a})`,
  feq: (a, b) => `(${a} === ${b} ? 1 : 0)`,
  flt: (a, b) => `(${a} < ${b} ? 1 : 0)`,
  fle: (a, b) => `(${a} <= ${b} ? 1 : 0)`,
  iadd: (a, b) => `((${a} + ${b}) | 0)`,
  isub: (a, b) => `((${a} - ${b}) | 0)`,
  imul: (a, b) => `Math.imul(${a}, ${b})`,
  iand: (a, b) => `(${a} & ${b})`,
  ior: (a, b) => `(${a} | ${b})`,
  ixor: (a, b) => `(${a} ^ ${b})`,
  ishl: (a, b) => `(${a} << ${b})`,
  ishru: (a, b) => `((${a} >>> ${b}) | 0)`,
  ishrs: (a, b) => `(${a} >> ${b})`,
  ieq: (a, b) => `(${a} === ${b} ? 1 : 0)`,
  ilts: (a, b) => `(${a} < ${b} ? 1 : 0)`,
  iltu: (a, b) => `(${a} >>> 0 < ${b} >>> 0 ? 1 : 0)`,
  itof: (a) => `fround(${a})`,
  fselect: (a, b, c) => `(${a} !== 0 ? ${b} : ${c})`,
  iselect: (a, b, c) => `(${a} !== 0 ? ${b} : ${c})`,
};

export interface CompiledFunction {
  /** Its arguments and result are binary32 values. */
  readonly evaluate: (x: number, y: number) => number;
  /** Scalar instructions in the body: no constants, no loads. */
  readonly instructions: number;
  /** Constants in the body. */
  readonly constants: number;
}

/** Compiles a function of one or two binary32 arguments. */
export function compileFunction(define: (x: F32, y: F32) => F32): CompiledFunction {
  const body = flatten([], [], define(load(0, i32(0), 'f32'), load(1, i32(0), 'f32')));
  const statements = body.nodes.map((node, at) => `const v${at} = ${statement(body, node)};`);
  const source = `return (x, y) => { ${statements.join(' ')} return v${body.finish}; };`;
  const table = Object.fromEntries(Object.entries(INSTRUCTIONS).map(([name, { evaluate }]) => [name, evaluate]));
  const evaluate = new Function('table', 'fround', source)(table, Math.fround) as CompiledFunction['evaluate'];
  const loadAddress = 1;
  const constants = body.nodes.filter(({ op }) => op === 'const').length - loadAddress;
  const instructions = body.nodes.filter(({ op }) => op in INSTRUCTIONS).length;
  return { evaluate, instructions, constants };
}

function statement(body: Body, node: BodyNode): string {
  if (node.op === 'const') return literal(constantValue(node));
  if (node.op === 'load') return node.imm === 0 ? 'x' : 'y';
  const name = node.op as InstructionName;
  const [a = '0', b = '0', c = '0'] = node.args.map((arg) => `v${arg}`);
  const inline = INLINE[name];
  if (body.nodes[node.args[0]!] === undefined) throw new Error(`${name} is no elementwise instruction`);
  return inline === undefined ? `table.${name}(${a}, ${b}, ${c})` : inline(a, b, c);
}

function literal(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
