/** Everything about an executor that is known before memory is allocated: kernels, tasks, addresses, size. */
import { outputWords } from '../../expr/operator.js';
import { type Program, stateWords, temporaryCount } from '../../program/program.js';
import { CONTROL_BYTES, RECORD_BYTES, RING_STEPS, TASK_BYTES } from './control-block.js';
import { HASH_SCRATCH_BYTES, type HashPlan, planHashes } from './hash-code.js';
import { descriptorBytes, type Kernel } from './kernel.js';
import { selectKernel } from './select-kernel.js';
import { alignUp, planStorage, type StoragePlan } from './storage-plan.js';

export interface OperatorCall {
  readonly operator: number;
  readonly kernel: Kernel;
}

/** Consecutive tasks in memory. */
export interface TaskRange {
  readonly address: number;
  readonly count: number;
}

export interface ExecutorPlan {
  readonly calls: readonly OperatorCall[];
  readonly storage: StoragePlan;
  readonly hashes: HashPlan;
  /** Addresses of the records: of `calls` in order, then of the results, hash pieces and hash tensors. */
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
  let end = CONTROL_BYTES;
  const reserve = (bytes: number): number => {
    const address = end;
    end = alignUp(end + bytes);
    return address;
  };
  const resultCount = Object.keys(program.results).length;
  const records = reserve(RECORD_BYTES * (calls.length + EXTRA_RECORDS));
  const sizes = calls.map(({ operator }) => descriptorBytes(program.operators[operator]!.slots.length));
  const descriptors = reserve(2 * sizes.reduce((sum, size) => sum + size, descriptorBytes(resultCount)));
  const reserveTasks = (count: number): TaskRange => ({ address: reserve(TASK_BYTES * count), count });
  const stepTasks = reserveTasks(stepTasksOf(calls, resultCount).length);
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
  return { calls, storage, hashes, records, descriptors, ring, ...tasks, scratches, bytes: storage.end };
}

function callsOf(program: Program): OperatorCall[] {
  const stateFrom = temporaryCount(program);
  const { stateKinds } = planStorage(program, 0);
  return program.operators.flatMap(({ operator }, at): OperatorCall[] => {
    const runs = at < stateFrom || stateKinds[at - stateFrom] === 'computed';
    return runs && outputWords(operator) > 0 ? [{ operator: at, kernel: selectKernel(operator) }] : [];
  });
}

/** Small neighbours become one task, which one thread does in order: meeting would cost more than it gains. */
function stepTasksOf(calls: readonly OperatorCall[], resultCount: number): Task[] {
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
  const { storage, calls, hashes } = plan;
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
  for (const { operator, kernel } of calls) {
    writeCall(places.ofKernel(kernel), [storage.outputs[operator]!, ...storage.operands[operator]!]);
  }
  const results = Object.values(program.results).map((operator) => storage.outputs[operator]!);
  writeCall(places.results, [[plan.ring, plan.ring], ...results]);
  writeRecord(places.hashPieces, hashes.pieceTable, hashes.pieceTable);
  writeRecord(places.hashTensors, hashes.tensorTable, hashes.tensorTable);
  writeTasks(plan, memory, results.length);
}

function writeTasks(plan: ExecutorPlan, memory: Uint32Array, resultCount: number): void {
  const { calls, hashes } = plan;
  const single = (record: number, chunks: number): Task => ({ firstRecord: record, endRecord: record + 1, chunks });
  const write = ({ address }: TaskRange, tasks: readonly Task[]): void => {
    const words = tasks.flatMap(({ firstRecord, endRecord, chunks }) => [
      plan.records + RECORD_BYTES * firstRecord,
      plan.records + RECORD_BYTES * endRecord,
      chunks,
    ]);
    memory.set(words, address / 4);
  };
  write(plan.stepTasks, stepTasksOf(calls, resultCount));
  write(
    plan.callTasks,
    calls.map(({ kernel }, at) => single(at, kernel.chunks)),
  );
  const { pieceCount, tensorCount } = hashes;
  write(plan.hashTasks, [single(calls.length + 1, pieceCount), single(calls.length + 2, tensorCount)]);
}
