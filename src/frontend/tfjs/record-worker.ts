import { parentPort, workerData } from 'node:worker_threads';
import { isGensynError } from '../../errors/index.js';
import { recordTraining } from './record-training.js';
import type { RecordedTraining, RecordingSpec } from './specification.js';

/** What the worker answers: the recording, or an error of the catalogue in parts that survive the way. */
export type WorkerAnswer =
  | { readonly recorded: RecordedTraining }
  | { readonly failure: { readonly code: string; readonly args: Readonly<Record<string, unknown>> } }
  | { readonly crash: string };

async function answer(): Promise<WorkerAnswer> {
  try {
    return { recorded: await recordTraining(workerData as RecordingSpec) };
  } catch (error) {
    if (isGensynError(error)) {
      return { failure: { code: error.code, args: error.data } };
    }
    return { crash: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

// A refusal inside of a promise that the model's code dropped is raised again at the end of the step.
process.on('unhandledRejection', () => {});
parentPort?.postMessage(await answer());
