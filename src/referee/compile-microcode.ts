/**
 * From an operator's definition to microcode: pure and deterministic, since every party compiles for himself and only
 * hashes are compared. What this compiler emits is part of the arithmetic version.
 */
import { fail, type GensynError } from '../errors/index.js';
import type { Operator } from '../expr/operator.js';
import { encodeMicrocode } from './codec.js';
import { type EmittedCode, emitMicrocode } from './emitter.js';
import { lowerOperator } from './lower-body.js';
import { MAX_INSTRUCTIONS, MAX_SLOTS, REGISTER_COUNT } from './machine-instructions.js';
import { Misfit } from './misfit.js';

export interface Microcode {
  /** 8 bytes for each instruction, at most 2 KiB. */
  readonly code: Uint8Array;
  /** N: after exactly so many instructions r0 is the element's value. At least 1, below 2^32. */
  readonly instructions: number;
}

/** Ways to compile, the fastest code first; each next one needs fewer registers. */
const STRATEGIES = [
  { shareConstants: true, hoist: true },
  { shareConstants: false, hoist: true },
  { shareConstants: false, hoist: false },
] as const;

const MAX_EXECUTED = 0xffffffff;

const compiled = new WeakMap<Operator, Microcode | Misfit>();

/**
 * Compiles a valid operator for the referee machine.
 *
 * @param label - names the operator in errors
 * @throws `program.microcode-too-long`, `program.too-many-registers`, `program.too-many-executed`, `program.too-many-operands`
 */
export function compileMicrocode(operator: Operator, label = 'no label'): Microcode {
  const outcome = compileOnce(operator);
  if (outcome instanceof Misfit) throw describeMisfit(outcome, operator, label);
  return outcome;
}

/** True where {@link compileMicrocode} succeeds. The outcome is kept, so that compiling afterwards costs nothing. */
export function fitsReferee(operator: Operator): boolean {
  return !(compileOnce(operator) instanceof Misfit);
}

function compileOnce(operator: Operator): Microcode | Misfit {
  const known = compiled.get(operator);
  if (known !== undefined) return known;
  const outcome = attempt(operator);
  compiled.set(operator, outcome);
  return outcome;
}

function attempt(operator: Operator): Microcode | Misfit {
  if (operator.operands.length > MAX_SLOTS) return new Misfit('slots', operator.operands.length);
  let misfit = new Misfit('registers', REGISTER_COUNT + 1);
  for (const strategy of STRATEGIES) {
    try {
      return toMicrocode(emitMicrocode(lowerOperator(operator, strategy), strategy));
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      misfit = error;
      // The other ways are never shorter.
      if (misfit.reason !== 'registers') break;
    }
  }
  return misfit;
}

function toMicrocode({ instructions, executed }: EmittedCode): Microcode {
  if (executed > MAX_EXECUTED) throw new Misfit('executed', executed);
  return { code: encodeMicrocode(instructions), instructions: Math.max(1, executed) };
}

function describeMisfit({ reason, count }: Misfit, { kind }: Operator, label: string): GensynError {
  switch (reason) {
    case 'instructions':
      return fail('program.microcode-too-long', { kind, label, count, limit: MAX_INSTRUCTIONS });
    case 'registers':
      return fail('program.too-many-registers', { kind, label, limit: REGISTER_COUNT });
    case 'executed':
      return fail('program.too-many-executed', { kind, label, count });
    case 'slots':
      return fail('program.too-many-operands', { kind, label, count, limit: MAX_SLOTS });
  }
}
