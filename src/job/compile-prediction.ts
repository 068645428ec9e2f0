/** The part of a bundle that answers people, from its recording. */
import type { Dataset } from '../data/dataset-form.js';
import { isTextDeclaration } from '../data/text-dataset.js';
import { isGensynError } from '../errors/index.js';
import { lowerRecording } from '../frontend/lowering/lower-recording.js';
import type { Recording } from '../frontend/recording.js';
import type { JobFile } from './job-schema.js';
import type { Meaning, Prediction } from './prediction.js';

/** Names of classes beyond this many characters are left out: they are for people, and a bundle's manifest is short. */
const MAX_NAME_CHARACTERS = 2 ** 15;

export interface CompiledPrediction {
  readonly prediction: Prediction | null;
  readonly warnings: readonly string[];
}

/** Lowers the prediction. What cannot be lowered is left out with a warning: the job trains without it. */
export function compilePrediction(recording: Recording | null, job: JobFile, train: Dataset): CompiledPrediction {
  if (recording === null) return { prediction: null, warnings: [] };
  try {
    const { program, constants } = lowerRecording({ recording, seed: job.seed, bind: {} });
    const { scale, offset } = train.features;
    return { prediction: { program, constants, scale, offset, meaning: meaningOf(job, train) }, warnings: [] };
  } catch (error) {
    if (!isGensynError(error)) throw error;
    return { prediction: null, warnings: [`gensyn predict will not work with this job: ${error.message}`] };
  }
}

function meaningOf({ data }: JobFile, { text, labels }: Dataset): Meaning {
  if (text !== null) return { kind: 'text', vocabulary: text.vocabulary };
  if (labels.kind === 'values') return { kind: 'values' };
  const classes = isTextDeclaration(data.train) ? undefined : data.train.labels.classes;
  const named = typeof classes === 'object' && JSON.stringify(classes).length <= MAX_NAME_CHARACTERS;
  return { kind: 'class', names: named ? classes : null };
}
