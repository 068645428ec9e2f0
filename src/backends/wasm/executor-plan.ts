/** Everything about an executor that is known before memory is allocated: kernels, tasks, addresses, size. */
import { type Operator, outputWords } from '../../expr/operator.js';
import { type Program, stateWords, temporaryCount } from '../../program/program.js';
import { alignUp, planStorage, type StoragePlan, stateKindsOf } from '../plan/storage-plan.js';
import { CONTROL_BYTES, RECORD_BYTES, RING_STEPS, TASK_BYTES } from './control-block.js';
import { HASH_SCRATCH_BYTES, type HashPlan, planHashes } from './hash-code.js';
import { descriptorBytes, type Kernel } from './kernel.js';
import { fusedKernel, selectKernel } from './select-kernel.js';
import { fuseSiblings, type OperandPlace } from './sibling-fusion.js';

export interface OperatorCall {
  readonly operator: number;
  readonly kernel: Kernel;
}

/** What runs in a training step: one operator, or several at once. */
export interface StepCall {
  readonly operators: readonly number[];
  readonly operands: readonly OperandPlace[];
  readonly kernel: Kernel;
}

/** Consecutive tasks in memory. */
export interface TaskRange {
  readonly address: number;
  readonly count: number;
}

export interface ExecutorPlan {
  readonly stepCalls: readonly StepCall[];
  /** Every operator that runs, for those who look at single ones. */
  readonly calls: readonly OperatorCall[];
  readonly storage: StoragePlan;
  readonly hashes: HashPlan;
  /** Address of the records: of `stepCalls` in order, the results, `calls` in order, hash pieces, hash tensors. */
  readonly records: number;
  readonly descriptors: number;
  readonly ring: number;
  /** One training step. */
  readonly stepTasks: TaskRange;
  /** A task for each of `calls`, to run them one at a time. */
  readonly callTasks: TaskRange;
  readonly hashTasks: TaskRange;
  readonly scratches: readonly number[];
  readonly bytes: number;
}

interface Task {
  readonly firstRecord: number;
  readonly endRecord: number;
  readonly chunks: number;
}

const EXTRA_RECORDS = 3;

export function planExecutor(program: Program, threads: number): ExecutorPlan {
  const calls = callsOf(program);
  const stepCalls = stepCallsOf(program, calls);
  let end = CONTROL_BYTES;
  const reserve = (bytes: number): number => {
    const address = end;
    end = alignUp(end + bytes);
    return address;
  };
  const resultCount = Object.keys(program.results).length;
  const records = reserve(RECORD_BYTES * (stepCalls.length + calls.length + EXTRA_RECORDS));
  const sizes = [...stepCalls, ...calls.map((call) => singleCall(program, call))].map(({ operands, operators }) =>
    descriptorBytes(operands.length, operators.length),
  );
  const descriptors = reserve(2 * sizes.reduce((sum, size) => sum + size, descriptorBytes(resultCount)));
  const reserveTasks = (count: number): TaskRange => ({ address: reserve(TASK_BYTES * count), count });
  const stepTasks = reserveTasks(stepTasksOf(stepCalls, resultCount).length);
  const callTasks = reserveTasks(calls.length);
  const hashTasks = reserveTasks(2);
  const ring = reserve(4 * resultCount * RING_STEPS);
  const lengths = program.state.map((tensor) => 4 * stateWords(tensor));
  const hashes = planHashes(lengths, threads, end);
  reserve(hashes.end - end);
  const scratchBytes = calls.reduce((most, { kernel }) => Math.max(most, kernel.scratchBytes), HASH_SCRATCH_BYTES);
  const scratches = Array.from({ length: threads }, () => reserve(scratchBytes));
  const storage = planStorage(program, end);
  const tasks = { stepTasks, callTasks, hashTasks };
  return { stepCalls, calls, storage, hashes, records, descriptors, ring, ...tasks, scratches, bytes: storage.end };
}

function callsOf(program: Program): OperatorCall[] {
  const stateFrom = temporaryCount(program);
  const stateKinds = stateKindsOf(program);
  // Unrolled layers repeat their operators thousands of times.
  const kernels = new Map<string, Kernel>();
  const kernelOf = (operator: Operator): Kernel => {
    const key = JSON.stringify(operator);
    const kernel = kernels.get(key) ?? selectKernel(operator);
    kernels.set(key, kernel);
    return kernel;
  };
  return program.operators.flatMap(({ operator }, at): OperatorCall[] => {
    const runs = at < stateFrom || stateKinds[at - stateFrom] === 'computed';
    return runs && outputWords(operator) > 0 ? [{ operator: at, kernel: kernelOf(operator) }] : [];
  });
}

function singleCall(program: Program, { operator, kernel }: OperatorCall): StepCall {
  const operands = program.operators[operator]!.slots.map((_, operand) => ({ operator, operand }));
  return { operators: [operator], operands, kernel };
}

/** The temporaries in their order, then the state operators: many chunks first, so that small ones become one task. */
function stepCallsOf(program: Program, calls: readonly OperatorCall[]): StepCall[] {
  const stateFrom = temporaryCount(program);
  const isState = (call: OperatorCall): boolean => call.operator >= stateFrom;
  const groups = fuseSiblings(
    program,
    calls.filter(isState).map(({ operator }) => operator),
  );
  const grouped = new Set(groups.flatMap(({ members }) => members));
  const fused = groups.map(({ members, operator, finishes, operands }): StepCall => {
    return { operators: members, operands, kernel: fusedKernel(operator, finishes.slice(1)) };
  });
  const live = liveOperators(program);
  const alone = calls.filter(({ operator }) => !grouped.has(operator) && live.has(operator));
  const single = (call: OperatorCall): StepCall => singleCall(program, call);
  const states = [...fused, ...alone.filter(isState).map(single)];
  states.sort((a, b) => b.kernel.chunks - a.kernel.chunks);
  return [...alone.filter((call) => !isState(call)).map(single), ...states];
}

/** The operators that the next state or a result depends on. A step leaves the others out. */
function liveOperators(program: Program): ReadonlySet<number> {
  const stateFrom = temporaryCount(program);
  const live = new Set([...Object.values(program.results), ...program.state.map((_, tensor) => stateFrom + tensor)]);
  for (let at = program.operators.length - 1; at >= 0; at--) {
    if (!live.has(at)) continue;
    for (const { kind, index } of program.operators[at]!.slots) if (kind === 'temporary') live.add(index);
  }
  return live;
}

/** Small neighbours become one task, which one thread does in order: meeting would cost more than it gains. */
function stepTasksOf(calls: readonly StepCall[], resultCount: number): Task[] {
  const chunks = calls.map(({ kernel }) => kernel.chunks);
  if (resultCount > 0) chunks.push(1);
  const tasks: Task[] = [];
  chunks.forEach((count, record) => {
    const last = tasks.at(-1);
    if (count === 1 && last?.chunks === 1) tasks[tasks.length - 1] = { ...last, endRecord: record + 1 };
    else tasks.push({ firstRecord: record, endRecord: record + 1, chunks: count });
  });
  return tasks;
}

/** What the generated module calls the functions that are not operators' kernels. */
export interface TablePlaces {
  readonly ofKernel: (kernel: Kernel) => number;
  readonly results: number;
  readonly hashPieces: number;
  readonly hashTensors: number;
}

/** Writes records, descriptors and tasks. */
export function writePlan(plan: ExecutorPlan, program: Program, memory: Uint32Array, places: TablePlaces): void {
  const { storage, stepCalls, calls, hashes } = plan;
  let descriptor = plan.descriptors;
  let recordAddress = plan.records;
  const writeRecord = (place: number, first: number, second: number): void => {
    memory.set([place, first, second], recordAddress / 4);
    recordAddress += RECORD_BYTES;
  };
  /** A record with descriptors of its own; `pairs` holds their words for both state buffers. */
  const writeCall = (place: number, pairs: readonly (readonly [number, number])[]): void => {
    const size = 4 * pairs.length;
    writeRecord(place, descriptor, descriptor + size);
    for (const parity of [0, 1] as const) {
      memory.set(
        pairs.map((pair) => pair[parity]),
        descriptor / 4,
      );
      descriptor += size;
    }
  };
  const writeStepCall = ({ operators, operands, kernel }: StepCall): void => {
    const outputs = operators.map((operator) => storage.outputs[operator]!);
    const sources = operands.map(({ operator, operand }) => storage.operands[operator]![operand]!);
    writeCall(places.ofKernel(kernel), [...outputs, ...sources]);
  };
  for (const call of stepCalls) writeStepCall(call);
  const results = Object.values(program.results).map((operator) => storage.outputs[operator]!);
  writeCall(places.results, [[plan.ring, plan.ring], ...results]);
  for (const call of calls) writeStepCall(singleCall(program, call));
  writeRecord(places.hashPieces, hashes.pieceTable, hashes.pieceTable);
  writeRecord(places.hashTensors, hashes.tensorTable, hashes.tensorTable);
  writeTasks(plan, memory, results.length);
}

function writeTasks(plan: ExecutorPlan, memory: Uint32Array, resultCount: number): void {
  const { stepCalls, calls, hashes } = plan;
  const firstCall = stepCalls.length + 1;
  const single = (record: number, chunks: number): Task => ({ firstRecord: record, endRecord: record + 1, chunks });
  const write = ({ address }: TaskRange, tasks: readonly Task[]): void => {
    const words = tasks.flatMap(({ firstRecord, endRecord, chunks }) => [
      plan.records + RECORD_BYTES * firstRecord,
      plan.records + RECORD_BYTES * endRecord,
      chunks,
    ]);
    memory.set(words, address / 4);
  };
  write(plan.stepTasks, stepTasksOf(stepCalls, resultCount));
  write(
    plan.callTasks,
    calls.map(({ kernel }, at) => single(firstCall + at, kernel.chunks)),
  );
  const { pieceCount, tensorCount } = hashes;
  const hashing = firstCall + calls.length;
  write(plan.hashTasks, [single(hashing, pieceCount), single(hashing + 1, tensorCount)]);
}
