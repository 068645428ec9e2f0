import { isGensynError } from '../../errors/index.js';
import type { TensorType } from '../recording.js';
import { createDrawCounter, type DrawCounter, replaceRandomOperations } from './counter-random.js';
import { installEngineHooks } from './engine-hooks.js';
import { extractRecording, type RecordingRoots } from './extract-recording.js';
import { extractGenesis } from './genesis.js';
import { overrideGradients } from './gradient-overrides.js';
import { allowResetAfter } from './gru-reset-after.js';
import { assignInitialWeights, givenWeights } from './initial-weights.js';
import { replaceInitializers } from './initializers.js';
import { registerRecordingKernels } from './kernels.js';
import { refuseIgnoredOptions } from './layer-options.js';
import { repairLayers } from './layer-repairs.js';
import { type Tensor, tf, tfl } from './load-tfjs.js';
import { buildTraining } from './model-source.js';
import { namedRefusal } from './named-refusal.js';
import { createOptimizer, optimizerSlots } from './optimizers.js';
import { createPatches, type Patches } from './patches.js';
import { checkFlags, recordSegment, type Segment, settleInitialValues, throwRefusal } from './record-segment.js';
import { RECORDING_BACKEND, RecordingBackend } from './recording-backend.js';
import { RecordingSession } from './recording-session.js';
import type { RecordedTraining, RecordingSpec } from './specification.js';
import { checkSpecification } from './specification-check.js';
import { type NamedVariable, nameState } from './state-names.js';
import { checkStatic } from './staticness.js';
import { customPlan, modelPlan, type TrainingPlan } from './training-plan.js';

/**
 * Records the training step, the evaluation and the genesis state of a specification in this thread, with tfjs patched
 * meanwhile. Names count up per process: use `recordInWorker`, which gives the same recording every time.
 */
export async function recordTraining(spec: RecordingSpec): Promise<RecordedTraining> {
  checkSpecification(spec);
  const session = new RecordingSession();
  const patches = createPatches();
  const draws = createDrawCounter();
  try {
    await install(session, patches, draws);
    return await record(session, draws, spec);
  } catch (cause) {
    checkFlags();
    throw session.refusal ?? (isGensynError(cause) ? cause : namedRefusal(cause));
  } finally {
    for (const variable of session.variables.keys()) {
      if (!variable.isDisposed) variable.dispose();
    }
    patches.restore();
  }
}

async function install(session: RecordingSession, patches: Patches, draws: DrawCounter): Promise<void> {
  const previous = tf.engine().backendName;
  tf.registerBackend(RECORDING_BACKEND, () => {
    session.backend = new RecordingBackend(session);
    return session.backend;
  });
  patches.onRestore(() => {
    tf.removeBackend(RECORDING_BACKEND);
    if (previous) {
      void tf.setBackend(previous);
    }
  });
  patches.onRestore(registerRecordingKernels(session));
  await tf.setBackend(RECORDING_BACKEND);
  overrideGradients(patches);
  installEngineHooks(session, patches);
  replaceInitializers(patches);
  repairLayers(patches);
  allowResetAfter(patches);
  refuseIgnoredOptions(session, patches);
  replaceRandomOperations(session, draws, patches);
}

async function record(session: RecordingSession, draws: DrawCounter, spec: RecordingSpec): Promise<RecordedTraining> {
  checkFlags();
  const built = await buildTraining(spec);
  throwRefusal(session);
  const optimizer = createOptimizer(spec.optimizer);
  const plan =
    built instanceof tfl.LayersModel
      ? modelPlan(session, built, optimizer, spec)
      : customPlan(session, built, optimizer, spec);
  const given = givenWeights(spec);
  if (given !== null) assignInitialWeights(session, plan.weights, given);
  settleInitialValues(session);

  const trainingBatch = makeBatch(session, spec, plan.inputType, spec.batchSize, { learningRate: [] });
  const first = recordSegment(session, plan.training, trainingBatch, draws);
  const second = recordSegment(session, plan.training, trainingBatch, draws);
  const slots = optimizerSlots(spec.optimizer.name, optimizer);
  const state = nameState(plan.weights, plan.trained, slots, session.variables.keys());
  const training = extractRecording(session, rootsOf(session, second, state, trainingBatch));
  checkStatic(extractRecording(session, rootsOf(session, first, state, trainingBatch)), training);

  const evaluation = recordEvaluation(session, spec, plan, state, draws);
  const genesis = genesisOf(session, second, state);
  return {
    training,
    evaluation,
    genesis,
    // The last one: where it fails, it leaves the others alone.
    prediction: plan.prediction(state, draws),
    warnings: [...session.warnings],
  };
}

function recordEvaluation(
  session: RecordingSession,
  spec: RecordingSpec,
  { inputType, evaluation }: TrainingPlan,
  state: readonly NamedVariable[],
  draws: DrawCounter,
) {
  const rows = spec.evaluationBatchSize;
  if (rows === 0 || evaluation === null) {
    return null;
  }
  const batch = makeBatch(session, spec, inputType, rows, { weight: [rows] });
  const record = () =>
    extractRecording(session, rootsOf(session, recordSegment(session, evaluation, batch, draws), state, batch));
  const first = record();
  const second = record();
  checkStatic(first, second);
  return second;
}

function makeBatch(
  session: RecordingSession,
  spec: RecordingSpec,
  inputType: TensorType,
  rows: number,
  extra: Readonly<Record<string, readonly number[]>>,
): Record<string, Tensor> {
  const labelType: TensorType = spec.labels.kind === 'class' ? 'int32' : 'float32';
  const batch = {
    x: session.inputTensor('batch', 'x', [rows, ...spec.inputShape], inputType),
    y: session.inputTensor('batch', 'y', [rows, ...(spec.labels.shape ?? [])], labelType),
  };
  const others = Object.entries(extra).map(([name, shape]) => {
    return [name, session.inputTensor('batch', name, shape, 'float32')] as const;
  });
  return { ...batch, ...Object.fromEntries(others) };
}

function rootsOf(
  session: RecordingSession,
  segment: Segment,
  state: readonly NamedVariable[],
  batch: Readonly<Record<string, Tensor>>,
): RecordingRoots {
  return {
    state: state.map(({ variable, name, role }) => ({ name, role, ...startAndEnd(segment, variable) })),
    batch: Object.entries(batch).map(([name, tensor]) => ({ name, symbol: session.valueOf(tensor).id })),
    results: segment.results,
    calls: segment.calls,
  };
}

function startAndEnd(segment: Segment, variable: NamedVariable['variable']): { symbol: number; next: number } {
  const values = segment.variables.get(variable);
  if (values === undefined) {
    throw new Error(`variable '${variable.name}' is not part of the step`);
  }
  return values;
}

function genesisOf(session: RecordingSession, segment: Segment, state: readonly NamedVariable[]) {
  const roots = state.map(({ variable, name, role }) => {
    const { symbol } = startAndEnd(segment, variable);
    return { name, role, symbol, next: session.variables.get(variable)?.initial ?? symbol };
  });
  return extractGenesis(session, roots);
}
