/** A run folder of a toy job, with everything that a bundle can carry, trained in a moment. */

import { join } from 'node:path';
import { referenceBackend } from '../../src/backends/reference/reference-backend.js';
import { inMemory } from '../../src/commitments/word-source.js';
import { toyJob } from '../../src/game/toy-job.js';
import { type Bundle, sealBundle } from '../../src/job/bundle.js';
import type { Prediction } from '../../src/job/prediction.js';
import type { Program, ProgramOperator, StateTensor } from '../../src/program/program.js';
import { train } from '../../src/run/train.js';
import { identity } from '../../test/program/sample-program.js';

export const TOY_STEPS = 5;

/** A toy job with an evaluation and a prediction. */
export function toyBundle(): Bundle {
  const { hashes: _, ...content } = toyJob({ steps: TOY_STEPS, checkpointEvery: 2 });
  const { program } = content;
  const constants = content.constants.map(inMemory);
  const evaluation = { program, constants, batches: 2 };
  return sealBundle({ ...content, evaluation, prediction: toyPrediction(program, constants) });
}

/** Trains the toy job into a folder. */
export async function trainToy(bundle: Bundle, folder: string): Promise<string> {
  const directory = join(folder, 'run');
  await train({ bundle, directory, backend: referenceBackend, threads: 1, keep: 'all', fault: null, version: '0.0.0' });
  return directory;
}

/** A prediction that repeats what it is asked: only its form matters here. */
function toyPrediction(training: Program, constants: Prediction['constants']): Prediction {
  const shapes = { input: [2, 3], inverseTemperature: [1], output: [2, 3] };
  const tensors = Object.entries(shapes).map(([name, shape]): StateTensor => ({ name, dtype: 'f32', shape }));
  const first = training.state.length;
  const copies = tensors.map(({ name, shape }, at): ProgramOperator => {
    const index = first + (name === 'output' ? 0 : at);
    return {
      operator: identity(shape.reduce((words, extent) => words * extent, 1)),
      slots: [{ kind: 'state', index }],
      label: name,
    };
  });
  const program: Program = {
    ...training,
    operators: [...training.operators, ...copies],
    state: [...training.state, ...tensors],
  };
  return { program, constants, scale: 1, offset: 0, meaning: { kind: 'class', names: ['a', 'b', 'c'] } };
}
