/** Measures a state on held-out data. It decides no bit of the trace. */
import type { Backend, Words } from '../backends/backend.js';
import type { Evaluation } from '../job/bundle.js';
import { valueOf } from '../numerics/float32.js';

export interface EvaluationResult {
  /** Mean over the examples. */
  readonly loss: number;
  /** Share of examples whose class was right; `null` where labels are values. */
  readonly accuracy: number | null;
  readonly examples: number;
}

const BATCHES_AT_ONCE = 256;

/** Runs every batch of the evaluation and sums up what each reports. */
export async function evaluateState(
  evaluation: Evaluation,
  state: readonly Words[],
  backend: Backend,
  threads: number,
): Promise<EvaluationResult> {
  const { program, constants, batches } = evaluation;
  const executor = await backend.prepare(program, constants, { threads });
  try {
    await executor.writeState(state);
    const names = Object.keys(program.results);
    const sums = new Map<string, number>();
    // A few at a time: the number of batches is the bundle's word, and must not decide how much memory is taken.
    for (let batch = 0; batch < batches; batch += BATCHES_AT_ONCE) {
      for (const results of await executor.run(batch, Math.min(BATCHES_AT_ONCE, batches - batch))) {
        for (const [at, name] of names.entries()) sums.set(name, (sums.get(name) ?? 0) + valueOf(results[at]!));
      }
    }
    const examples = sums.get('count') ?? 0;
    const correct = sums.get('correct');
    return {
      loss: (sums.get('loss') ?? Number.NaN) / examples,
      accuracy: correct === undefined ? null : correct / examples,
      examples,
    };
  } finally {
    await executor.dispose();
  }
}
