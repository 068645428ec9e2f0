import { fail } from '../../errors/index.js';
import type { DrawCounter } from './counter-random.js';
import { holdFreshSymbol } from './engine-hooks.js';
import { type Tensor, tf } from './load-tfjs.js';
import type { RecordingSession, TrackedVariable } from './recording-session.js';
import type { Step } from './steps.js';
import type { SymbolicCall } from './symbolic-value.js';

/** One run of a step: what it called, and each variable's value at its start (`symbol`) and end (`next`). */
export interface Segment {
  readonly calls: readonly SymbolicCall[];
  readonly variables: ReadonlyMap<TrackedVariable['variable'], { readonly symbol: number; readonly next: number }>;
  readonly results: Readonly<Record<string, number>>;
}

const FORBIDDEN_FLAGS = ['DEBUG', 'CHECK_COMPUTATION_FOR_ERRORS'];

/** Takes what the model's building assigned (loaded weights) as the variables' initial values. */
export function settleInitialValues(session: RecordingSession): void {
  for (const tracked of session.variables.values()) {
    const current = session.valueOf(tracked.variable).id;
    if (current !== tracked.symbol) {
      tracked.initial = current;
    }
  }
}

/** Records one run of a step. */
export function recordSegment(
  session: RecordingSession,
  step: Step,
  batch: Readonly<Record<string, Tensor>>,
  draws: DrawCounter,
): Segment {
  checkFlags();
  renewSymbols(session);
  draws.restart();
  session.scalarStandIns.clear();
  const firstCall = session.calls.length;
  session.insideStep = true;
  try {
    const results = session.withPhase('update', () => step(batch));
    const variables = new Map(
      [...session.variables.values()].map(({ variable, symbol }) => [
        variable,
        { symbol, next: session.valueOf(variable).id },
      ]),
    );
    return { calls: session.calls.slice(firstCall), variables, results };
  } finally {
    session.insideStep = false;
    throwRefusal(session);
  }
}

/** Raises a refusal that code of the model swallowed. */
export function throwRefusal(session: RecordingSession): void {
  if (session.refusal !== undefined) {
    throw session.refusal;
  }
}

/** Lets every variable stand for a symbol of its own again. */
function renewSymbols(session: RecordingSession): void {
  for (const [variable, tracked] of session.variables) {
    if (variable.isDisposed) {
      session.variables.delete(variable);
    } else if (session.valueOf(variable).id !== tracked.symbol) {
      tracked.symbol = holdFreshSymbol(session, variable);
    }
  }
}

export function checkFlags(): void {
  for (const flag of FORBIDDEN_FLAGS) {
    if (tf.env().getBool(flag)) {
      throw fail('frontend.tfjs-flag', { flag });
    }
  }
}
