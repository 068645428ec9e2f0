import type { RecordedCall, Recording } from '../recording.js';
import { extractRecording, type RecordingRoots } from './extract-recording.js';
import type { RecordingSession } from './recording-session.js';
import type { SymbolicCall } from './symbolic-value.js';

/**
 * The function that makes the initial state: initialisers (GensynInit), loaded weights and fills as constants.
 * Each GensynInit gets the attribute `stream`, its running number in the recording.
 */
export function extractGenesis(session: RecordingSession, state: RecordingRoots['state']): Recording {
  const recording = extractRecording(session, { state, batch: [], results: {}, fold: uniformFill });
  let stream = 0;
  const calls = recording.calls.map((call): RecordedCall => {
    return call.kernel === 'GensynInit' ? { ...call, attributes: { ...call.attributes, stream: stream++ } } : call;
  });
  return { ...recording, calls };
}

/** The number that every element of the call's output has, where its kernel and attributes alone say so. */
function uniformFill(call: SymbolicCall): number | undefined {
  const { className, config, value } = call.attributes as {
    className?: string;
    config?: { value?: number };
    value?: number;
  };
  switch (call.kernel) {
    case 'ZerosLike':
      return 0;
    case 'OnesLike':
      return 1;
    case 'Fill':
      return value;
    case 'GensynInit':
      return { Zeros: 0, Ones: 1, Constant: config?.value }[className ?? ''];
    default:
      return undefined;
  }
}
