/** Everything about an executor that is known before anything is allocated: kernels, records, places, calls. */
import { outputWords } from '../../expr/operator.js';
import { type Program, stateWords, temporaryCount } from '../../program/program.js';
import { kernelBodyOf } from '../plan/kernel-body.js';
import { planStorage, type StoragePlan } from '../plan/storage-plan.js';
import type { GpuCall } from './gpu-call.js';
import type { GpuLimits } from './gpu-types.js';
import { type HashPlan, hashScratchBytes, planHashes } from './hash-plan.js';
import { type MemoryMap, mapMemory, type TensorPlace } from './memory-map.js';
import { RecordTable } from './records.js';
import { advanceKernel, CONTROL_BYTES, RING_STEPS, ringBytes } from './wgsl/advance-kernel.js';
import type { ArithmeticMode } from './wgsl/arithmetic.js';
import { contractionKernel } from './wgsl/contraction-kernel.js';
import { elementKernel } from './wgsl/element-kernel.js';
import type { Frame } from './wgsl/frame.js';
import type { KernelCode } from './wgsl/kernel-code.js';

export interface GpuPlan {
  readonly storage: StoragePlan;
  readonly map: MemoryMap;
  readonly records: RecordTable;
  /** By operator; undefined where a state operator needs no kernel. */
  readonly operators: readonly (GpuCall | undefined)[];
  /** Writes the results of a step and counts it. */
  readonly advance: GpuCall;
  /** Make the NaNs of tensors that no operator writes canonical. */
  readonly canonicalise: readonly GpuCall[];
  readonly hashes: HashPlan;
  /** Training steps between two readings of results; bounded so that a device answers in time. */
  readonly stepsAtOnce: number;
}

export interface GpuPlanParameters {
  readonly mode: ArithmeticMode;
  readonly limits: GpuLimits;
  /** Length of an arena in bytes. */
  readonly arena: number;
}

/** Elements times turns in one submission. Systems end kernels of a display's GPU that take some seconds. */
const WORK_AT_ONCE = 2 ** 34;

/** Bytes on the device that a program needs. */
export function deviceBytes(program: Program): number {
  const { end } = planStorage(program, controlBytes(program));
  return end + hashScratchBytes(program);
}

function controlBytes(program: Program): number {
  return CONTROL_BYTES + ringBytes(program) + 32 * program.state.length;
}

/** @throws `backend.memory` where the device cannot bind so much memory */
export function planGpu(program: Program, { mode, limits, arena }: GpuPlanParameters): GpuPlan {
  const storage = planStorage(program, controlBytes(program));
  const map = mapMemory(storage.end + hashScratchBytes(program), arena, limits);
  const records = new RecordTable();
  const planner = new CallPlanner({ mode, map }, records, program, storage);
  const hashes = planHashes(program, { mode, map }, records, {
    state: storage.state,
    hashes: CONTROL_BYTES + ringBytes(program),
    scratch: storage.end,
  });
  return {
    storage,
    map,
    records,
    operators: planner.operatorCalls(),
    advance: planner.advanceCall(),
    canonicalise: planner.canonicaliseCalls(),
    hashes,
    stepsAtOnce: Math.max(1, Math.min(RING_STEPS, Math.floor(WORK_AT_ONCE / workOf(program)))),
  };
}

/** Elements times turns of one training step. */
export function workOf(program: Program): number {
  return program.operators.reduce((sum, { operator }) => {
    return sum + outputWords(operator) * operator.reduction.reduce((turns, extent) => turns * extent, 1);
  }, 1);
}

class CallPlanner {
  readonly #frame: Frame;
  readonly #records: RecordTable;
  readonly #program: Program;
  readonly #storage: StoragePlan;

  constructor(frame: Frame, records: RecordTable, program: Program, storage: StoragePlan) {
    this.#frame = frame;
    this.#records = records;
    this.#program = program;
    this.#storage = storage;
  }

  operatorCalls(): (GpuCall | undefined)[] {
    const stateFrom = temporaryCount(this.#program);
    return this.#program.operators.map(({ operator }, at) => {
      const runs = at < stateFrom || this.#storage.stateKinds[at - stateFrom] === 'computed';
      if (!runs || outputWords(operator) === 0) return undefined;
      return this.#operatorCall(at, this.#storage.outputs[at]!);
    });
  }

  /** The identity operators of kept tensors, from each tensor onto itself. */
  canonicaliseCalls(): GpuCall[] {
    const stateFrom = temporaryCount(this.#program);
    return this.#program.state.flatMap((tensor, at) => {
      const applies = this.#storage.stateKinds[at] === 'kept' && tensor.dtype === 'f32' && stateWords(tensor) > 0;
      return applies ? [this.#operatorCall(stateFrom + at, this.#storage.state[at]!)] : [];
    });
  }

  advanceCall(): GpuCall {
    const outputs = Object.values(this.#program.results).map((operator) => this.#storage.outputs[operator]!);
    return this.#call(
      outputs.map((pair) => ({ pair, words: 1 })),
      (places) => ({
        code: advanceKernel(
          this.#frame,
          places.map(({ place }) => place),
        ),
        dispatch: [1, 1, 1],
      }),
    );
  }

  #operatorCall(at: number, output: readonly [number, number]): GpuCall {
    const { operator } = this.#program.operators[at]!;
    const body = kernelBodyOf(operator);
    const operands = this.#storage.operands[at]!.map((pair, k) => ({ pair, words: operator.operands[k]!.words }));
    return this.#call([{ pair: output, words: outputWords(operator) }, ...operands], ([target, ...sources]) => {
      const placed = { body, output: target!.place, operands: sources.map(({ place }) => place) };
      return contractionKernel(this.#frame, placed) ?? elementKernel(this.#frame, placed);
    });
  }

  #call(
    tensors: readonly { readonly pair: readonly [number, number]; readonly words: number }[],
    kernelOf: (places: readonly TensorPlace[]) => KernelCode,
  ): GpuCall {
    const [first, second] = ([0, 1] as const).map((parity) => {
      const places = tensors.map(({ pair, words }) => this.#frame.map.placeOf(pair[parity], words));
      return { ...kernelOf(places), record: this.#records.add(places.map(({ base }) => base)) };
    });
    return { code: [first!.code, second!.code], dispatch: first!.dispatch, record: [first!.record, second!.record] };
  }
}
