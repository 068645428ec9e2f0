/** Scalar instructions that need not be executed: their arguments are constant, or they change nothing. */
import { bitsOf, valueOf } from '../numerics/float32.js';
import { INSTRUCTIONS, isInstructionName } from '../numerics/instructions.js';
import { type Expr, f32Bits, i32 } from './expression.js';

const ONE = bitsOf(1);

const isConstant = (expr: Expr): boolean => expr.op === 'const';

/** An instruction on constants as its value, and an exact no-op as what it leaves; other nodes as they are. */
export function reduceTrivial(expr: Expr): Expr {
  const [a, b, c] = expr.args;
  if (!isInstructionName(expr.op)) return expr;
  if (expr.args.every(isConstant)) return evaluateConstant(expr);
  if (expr.op === 'fmul' && isConstant(b!) && b!.imm === ONE) return a!;
  if (expr.op === 'fmul' && isConstant(a!) && a!.imm === ONE) return b!;
  if (expr.op === 'fdiv' && isConstant(b!) && b!.imm === ONE) return a!;
  if (expr.op === 'fselect' || expr.op === 'iselect') {
    if (isConstant(a!)) return a!.imm === 0 ? c! : b!;
    if (b === c) return b!;
  }
  return expr;
}

function evaluateConstant(expr: Expr): Expr {
  if (!isInstructionName(expr.op)) throw new Error(`${expr.op} is no instruction`);
  const [a = 0, b = 0, c = 0] = expr.args.map((arg) => (arg.dtype === 'f32' ? valueOf(arg.imm) : arg.imm | 0));
  const value = INSTRUCTIONS[expr.op].evaluate(a, b, c);
  return expr.dtype === 'f32' ? f32Bits(bitsOf(value)) : i32(value);
}
