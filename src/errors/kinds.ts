/**
 * The kinds of failure and the exit code each one maps to.
 *
 * A verdict (`diverged`, `inconclusive`) is a value, not an error, and has codes of its own that no failure uses:
 * a crash must never read as fraud.
 */
export const EXIT_CODES = {
  usage: 2,
  environment: 3,
  auth: 4,
  chain: 5,
  integrity: 6,
  deadline: 22,
  internal: 70,
} as const;

export type ErrorKind = keyof typeof EXIT_CODES;

/** Exit codes of outcomes that are not errors. */
export const OUTCOME_CODES = {
  done: 0,
  negativeVerdict: 20,
  inconclusive: 21,
  interrupted: 130,
  terminated: 143,
} as const;

/** One entry of the error catalogue. `{name}` in `template` and `hint` is replaced by the argument of that name. */
export interface ErrorEntry {
  readonly kind: ErrorKind;
  /** What happened, in a few words. */
  readonly title: string;
  /** What happened, with both sides. */
  readonly template: string;
  /** What to do next. */
  readonly hint: string;
}

/** Types a table of entries while keeping its literal templates, from which the arguments of `fail` are typed. */
export function defineErrors<const Entries extends Readonly<Record<string, ErrorEntry>>>(entries: Entries): Entries {
  return entries;
}
