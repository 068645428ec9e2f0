/**
 * What a training step is fed: its batch, its learning rate and its random values. They are no vendor's to compute: a
 * program made from the same bindings and the same draws as the job's own gives the same bits.
 */
import { type LoweredRecording, lowerRecording } from '../../frontend/lowering/lower-recording.js';
import type { RecordedStep } from '../../frontend/lowering/recorded-step.js';
import type { RecordedCall, RecordedValue } from '../../frontend/recording.js';

/** Kernels of ours, which no package has: random values that hang on seed, step, stream and element alone. */
const DRAWS: ReadonlySet<string> = new Set(['GensynUniform', 'GensynNormal']);

export interface FeedProgram extends LoweredRecording {
  /** The values of the recording that the program's state holds after its step, in order. */
  readonly values: readonly RecordedValue[];
}

export function isDraw({ kernel }: RecordedCall): boolean {
  return DRAWS.has(kernel);
}

/** The program whose step `s` computes what training step `s` is fed. */
export function feedProgram({ recording, seed, bind }: RecordedStep): FeedProgram {
  const draws = recording.calls.filter(isDraw);
  const values = [...recording.batch, ...draws.flatMap(({ outputs }) => outputs)];
  const unused = 1 + Math.max(-1, ...values.map(({ id }) => id));
  const lowered = lowerRecording({
    recording: {
      state: values.map((value, at) => ({ ...value, id: unused + at, name: `feed-${at}`, role: 'feed' })),
      batch: recording.batch,
      constants: [],
      calls: draws,
      next: values.map(({ id }) => id),
      results: {},
    },
    seed,
    bind: bind(),
  });
  return { ...lowered, values };
}
