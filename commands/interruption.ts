/** A person or the system asked to stop. It is no failure and no verdict, and has exit codes of its own. */
import { OUTCOME_CODES } from '../src/errors/index.js';
import type { Signal } from './io.js';

const BRAND = Symbol.for('gensyn.interruption');

export class Interruption extends Error {
  readonly [BRAND] = true;
  readonly signal: Signal;

  constructor(signal: Signal) {
    super(signal === 'SIGINT' ? 'Interrupted.' : 'Terminated.');
    this.signal = signal;
  }
}
Object.defineProperty(Interruption.prototype, 'name', { value: 'Interruption' });

/** True for an {@link Interruption}, across realms and double installs. */
export function isInterruption(value: unknown): value is Interruption {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true;
}

/** 130 or 143. */
export function signalExitCode(signal: Signal): number {
  return signal === 'SIGINT' ? OUTCOME_CODES.interrupted : OUTCOME_CODES.terminated;
}
