/** The dispatches that hash a state on the device: chunks, then the levels of the tree, tensor by tensor. */
import { type Program, stateWords } from '../../program/program.js';
import type { GpuCall } from './gpu-call.js';
import type { RecordTable } from './records.js';
import type { Frame } from './wgsl/frame.js';
import { CHUNK_WORDS, chunkHashKernel, HASH_GROUP_SIZE, HASH_WORDS, parentHashKernel } from './wgsl/hash-kernels.js';
import { flatDispatch } from './wgsl/kernel-code.js';

const HASH_BYTES = 4 * HASH_WORDS;

export interface HashPlan {
  readonly calls: readonly GpuCall[];
  /** Byte address of the hashes, one after the other. */
  readonly address: number;
}

/** Byte addresses. */
export interface HashAreas {
  /** By state tensor, for both parities. */
  readonly state: readonly (readonly [number, number])[];
  readonly hashes: number;
  readonly scratch: number;
}

const chunksOf = (words: number): number => Math.max(1, Math.ceil(words / CHUNK_WORDS));

/** Two levels of the largest tensor's tree. */
export function hashScratchBytes(program: Program): number {
  const most = Math.max(1, ...program.state.map((tensor) => chunksOf(stateWords(tensor))));
  return HASH_BYTES * (most + Math.ceil(most / 2));
}

export function planHashes(program: Program, frame: Frame, records: RecordTable, areas: HashAreas): HashPlan {
  const planner = new HashPlanner(frame, records);
  const most = Math.max(1, ...program.state.map((tensor) => chunksOf(stateWords(tensor))));
  const levels = [areas.scratch, areas.scratch + HASH_BYTES * most] as const;
  const calls = program.state.flatMap((tensor, at) =>
    planner.tensorCalls(areas.state[at]!, stateWords(tensor), levels, areas.hashes + HASH_BYTES * at),
  );
  return { calls, address: areas.hashes };
}

interface Node {
  readonly pair: readonly [number, number];
  readonly words: number;
}

class HashPlanner {
  readonly #frame: Frame;
  readonly #records: RecordTable;

  constructor(frame: Frame, records: RecordTable) {
    this.#frame = frame;
    this.#records = records;
  }

  tensorCalls(
    tensor: readonly [number, number],
    words: number,
    levels: readonly [number, number],
    hash: number,
  ): GpuCall[] {
    let count = chunksOf(words);
    let level = 0;
    const place = (): Node => {
      const address = count === 1 ? hash : levels[level]!;
      return { pair: [address, address], words: count * HASH_WORDS };
    };
    let below = place();
    const calls = [this.#call(chunkHashKernel, below, { pair: tensor, words }, words, count)];
    while (count > 1) {
      const children = count;
      count = Math.ceil(count / 2);
      level = 1 - level;
      const above = place();
      calls.push(this.#call(parentHashKernel, above, below, children, count));
      below = above;
    }
    return calls;
  }

  #call(
    kernel: typeof chunkHashKernel | typeof parentHashKernel,
    target: Node,
    source: Node,
    first: number,
    second: number,
  ): GpuCall {
    const [even, odd] = ([0, 1] as const).map((parity) => {
      const to = this.#frame.map.placeOf(target.pair[parity], target.words);
      const from = this.#frame.map.placeOf(source.pair[parity], source.words);
      const record = this.#records.add([to.base, from.base], { first, second });
      return { code: kernel(this.#frame, { target: to.place, source: from.place }), record };
    });
    const dispatch = flatDispatch(Math.ceil(second / HASH_GROUP_SIZE));
    return { code: [even!.code, odd!.code], dispatch, record: [even!.record, odd!.record] };
  }
}
