import { isGensynError } from '../../errors/index.js';
import type { Recording } from '../recording.js';
import type { DrawCounter } from './counter-random.js';
import { extractRecording } from './extract-recording.js';
import { recordSegment } from './record-segment.js';
import type { NamedVariable } from './state-names.js';
import { checkStatic } from './staticness.js';
import { predictionStep, type StepParts } from './steps.js';

/**
 * Records what the model says about a batch: of one row, or of as many as the model insists on. A model that can be
 * trained but not asked is still worth training, so that a refusal here is a warning; `null` then.
 */
export function recordPrediction(
  parts: StepParts,
  state: readonly NamedVariable[],
  draws: DrawCounter,
): Recording | null {
  const { session } = parts;
  try {
    const first = recordOnce(parts, state, draws);
    const second = recordOnce(parts, state, draws);
    checkStatic(first, second);
    return second;
  } catch (error) {
    if (!isGensynError(error)) throw error;
    session.refusal = undefined;
    session.warnings.add(`gensyn predict will not work with this job: ${error.message}`);
    return null;
  }
}

function recordOnce(parts: StepParts, state: readonly NamedVariable[], draws: DrawCounter): Recording {
  const { session, model, spec, shapes } = parts;
  const rows = model.inputs[0]?.shape[0] ?? 1;
  const x = session.inputTensor('batch', 'x', [rows, ...spec.inputShape], shapes.inputType);
  const inverseTemperature = session.inputTensor('batch', 'inverseTemperature', [1], 'float32');
  const segment = recordSegment(session, predictionStep(parts), { x, inverseTemperature }, draws);
  const answer = session.valueAt(segment.results['output']!);
  const output = session.inputTensor('batch', 'output', answer.shape, 'float32');
  const unchanged = [
    ...state.map(({ variable, name, role }) => ({ name, role, symbol: segment.variables.get(variable)!.symbol })),
    { name: 'predict/input', role: 'input', symbol: session.valueOf(x).id },
    { name: 'predict/inverseTemperature', role: 'input', symbol: session.valueOf(inverseTemperature).id },
  ].map((tensor) => ({ ...tensor, next: tensor.symbol }));
  const answered = { name: 'predict/output', role: 'output', symbol: session.valueOf(output).id, next: answer.id };
  return extractRecording(session, { state: [...unchanged, answered], batch: [], results: {}, calls: segment.calls });
}
