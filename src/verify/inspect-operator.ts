/** One operator of a job: its microcode, and what it computes in a training step, down to one instruction. */
import type { Backend } from '../backends/backend.js';
import { prepareExecutor } from '../backends/streamed-executor.js';
import { toHex } from '../commitments/hash.js';
import { blake3Words } from '../commitments/hasher.js';
import { fail } from '../errors/index.js';
import { outputWords } from '../expr/operator.js';
import { CANONICAL_NAN, isForeignNaN } from '../numerics/float32.js';
import { describeOperator, type OperatorDescription } from '../program/describe.js';
import { type ElementStates, statesOfElement } from '../program/element-states.js';
import { proveStep, type StepProof } from '../program/step-proof.js';
import { compileMicrocode } from '../referee/compile-microcode.js';
import { disassemble } from '../referee/disassemble.js';
import { flippedBits } from '../run/fault.js';
import { type ObservedOperator, observeOperator } from '../run/observe-operator.js';
import { type InstructionReport, reportInstruction } from './instruction-report.js';
import { openReplaySource, type ReplaySource, replayTo } from './replay-source.js';
import { type WordValue, wordValue } from './word-value.js';

export interface OperatorPlace {
  /** k, 0 … M+T−1. */
  readonly operator: number;
  /** The training step to replay; without one, only the definition is shown. */
  readonly step?: number;
  readonly element?: number;
  /** How many instructions of the element come before it. */
  readonly instruction?: number;
}

export interface InspectOperatorParameters extends OperatorPlace {
  /** Folder of a run or bundle. */
  readonly path: string;
  readonly threads: number;
  /** The machine for the replay; called only where there is one. */
  readonly loadBackend: () => Promise<Backend>;
  readonly signal?: AbortSignal;
}

export interface OperatorInspection {
  readonly type: 'operator';
  readonly path: string;
  readonly jobHash: string;
  readonly operator: OperatorDescription;
  /** The disassembled microcode, with labels. */
  readonly listing: readonly string[];
  /** What it computes in one training step. */
  readonly output?: { readonly step: number; readonly backend: string; readonly blake3: string };
  /** The element that an honest machine gets, and the one that the run claims. */
  readonly element?: { readonly index: number; readonly expected: WordValue; readonly claimed: WordValue };
  readonly instruction?: InstructionReport;
}

export interface InspectedOperator {
  readonly inspection: OperatorInspection;
  /** The proof of the instruction, where one was asked for. */
  readonly proof: StepProof | null;
}

/**
 * Inspects an operator; a run's training step is replayed from its nearest stored checkpoint, with the run's own drill.
 *
 * @throws `run.no-such-part`, and the errors of `openReplaySource` and `replayTo`
 */
export async function inspectOperator(parameters: InspectOperatorParameters): Promise<InspectedOperator> {
  const { path, operator: k, step } = parameters;
  const source = await openReplaySource(path);
  checkPlace(source, parameters);
  const { program, hashes } = source.bundle;
  const { operator, label } = program.operators[k]!;
  const definition: OperatorInspection = {
    type: 'operator',
    path,
    jobHash: toHex(hashes.job),
    operator: describeOperator(program, k),
    listing: disassemble(compileMicrocode(operator, label).code),
  };
  if (step === undefined) return { inspection: definition, proof: null };
  const backend = await parameters.loadBackend();
  const observed = await observe(source, backend, parameters, step);
  const output = { step, backend: backend.name, blake3: toHex(blake3Words(observed.output)) };
  return withElement({ ...definition, output }, source, observed, parameters);
}

function checkPlace({ path, bundle }: ReplaySource, { operator: k, step, element, instruction }: OperatorPlace): void {
  const { operators } = bundle.program;
  const check = (part: string, given: number | undefined, count: number, of: string): void => {
    if (given === undefined || given < count) return;
    throw fail('run.no-such-part', { part, given, path, limit: `${of} has ${count}` });
  };
  check('operator', k, operators.length, 'the program');
  check('training step', step, bundle.steps, 'the job');
  const { operator, label } = operators[k]!;
  check('element', element, outputWords(operator), `the output of operator ${k}`);
  check('instruction', instruction, compileMicrocode(operator, label).instructions, `an element of operator ${k}`);
}

async function observe(
  source: ReplaySource,
  backend: Backend,
  { operator, threads, signal }: InspectOperatorParameters,
  step: number,
): Promise<ObservedOperator> {
  const { program, constants } = source.bundle;
  const executor = await prepareExecutor(backend, program, constants, { threads });
  try {
    await replayTo(executor, source, step, signal);
    return await observeOperator({ executor, program, constants, step, operator, fault: source.fault });
  } finally {
    await executor.dispose();
  }
}

function withElement(
  inspection: OperatorInspection,
  { bundle, fault }: ReplaySource,
  observed: ObservedOperator,
  { operator, step = 0, element, instruction }: OperatorPlace,
): InspectedOperator {
  if (element === undefined) return { inspection, proof: null };
  const { program, hashes } = bundle;
  const { dtype } = program.operators[operator]!.operator;
  const { operands } = observed;
  const place = { program, operator, element, step, operands };
  const expected = statesOfElement(place);
  const claimed = statesOfElement({ ...place, resultFlip: flippedBits(fault, { step, operator, element }) });
  const found = valuesOf(expected, claimed, observed.output[element]!, dtype);
  const withValues: OperatorInspection = { ...inspection, element: { index: element, ...found } };
  if (instruction === undefined) return { inspection: withValues, proof: null };
  const report = reportInstruction({ expected, claimed, index: instruction, dtype });
  const before = expected.stateAt(instruction);
  const tensors = { temporaries: observed.temporaryHashes, states: observed.stateHashes, constants: hashes.constants };
  return {
    inspection: { ...withValues, instruction: report },
    proof: proveStep({ program, operator, operands, before, hashes: tensors }),
  };
}

/** The element on the referee machine, which must be what the backend computed. */
function valuesOf(expected: ElementStates, claimed: ElementStates, output: number, dtype: 'f32' | 'i32') {
  const [honest, theirs] = [expected, claimed].map((states) => states.stateAt(states.count).registers[0]!);
  // A drill may leave a NaN with a payload in a tensor; a backend that aliases a copy passes it on, the machine does not.
  const stored = (word: number): number => (dtype === 'f32' && isForeignNaN(word) ? CANONICAL_NAN : word);
  if (stored(theirs!) !== stored(output)) {
    throw new Error(`the referee machine computes ${theirs} and the backend ${output}: one of the two is broken`);
  }
  return { expected: wordValue(honest!, dtype), claimed: wordValue(theirs!, dtype) };
}
