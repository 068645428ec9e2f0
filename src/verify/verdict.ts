/** What a verification finds. A verdict is a value, not an error. */
import type { InstructionReport } from './instruction-report.js';
import type { WordValue } from './word-value.js';

export type Verdict = 'verified' | 'diverged' | 'inconclusive';

/** Where two executions part, as deep as the evidence allows: absent fields could not be decided. */
export interface Divergence {
  /** The trace leaf (checkpoint number) whose state root is wrong; the leaf before it agrees. */
  readonly checkpoint: number;
  /** The training steps between the two leaves. */
  readonly steps: { readonly from: number; readonly to: number };
  /** The state root that the replay found, and the one the trace claims (0x-hex). */
  readonly stateRoot: { readonly expected: string; readonly claimed: string };
  /** The first training step whose next state differs. */
  readonly step?: number;
  readonly operator?: { readonly index: number; readonly kind: string; readonly label: string };
  /** State tensor in which checkpoints differ, where only checkpoints could be compared. */
  readonly tensor?: string;
  readonly element?: number;
  /** The first instruction of the element whose next states differ. */
  readonly instruction?: InstructionReport;
  readonly expected?: WordValue;
  readonly claimed?: WordValue;
  /** With `--against`: the run that disagrees with the replay. */
  readonly wrongRun?: 'run' | 'against' | 'both';
}

export interface Inconclusive {
  readonly interval: number;
  readonly reason: string;
}

export interface VerificationReport {
  readonly verdict: Verdict;
  readonly run: string;
  readonly jobHash: string;
  readonly traceRoot: string;
  readonly steps: number;
  readonly checked: {
    /** Number of intervals that were replayed to an answer, and their numbers. */
    readonly intervals: number;
    readonly of: number;
    readonly list: readonly number[];
  };
  /** The probability that a random choice of as many intervals finds a cheat that altered … */
  readonly detectionProbability: {
    readonly oneInterval: number;
    readonly onePercent: number;
    readonly tenPercent: number;
  };
  readonly divergence: Divergence | null;
  readonly inconclusive: readonly Inconclusive[];
  readonly backend: string;
}
