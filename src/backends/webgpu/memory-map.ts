/**
 * Where a program's tensors lie on the device: one line of words, cut into *arenas*, which are buffers as large as the
 * device lets a kernel bind. Every kernel may bind all arenas, so an operator may have any number of operands; a tensor
 * that crosses the border of two arenas is read and written word by word through a switch.
 */
import { fail } from '../../errors/index.js';
import type { GpuLimits } from './gpu-types.js';

/** An arena's number, or `spanning` where a tensor crosses a border. */
export type Place = number | 'spanning';

export interface TensorPlace {
  readonly place: Place;
  /** In words: from the beginning of the arena; of a spanning tensor, of the first arena. */
  readonly base: number;
}

export interface MemoryMap {
  /** Length of every arena but the last. */
  readonly arenaWords: number;
  /** Length in bytes of each arena; at least one. */
  readonly arenaBytes: readonly number[];
  /** Places a tensor by the byte address and word count of a storage plan. */
  placeOf(address: number, words: number): TensorPlace;
}

/** Addresses inside kernels are 32-bit words. */
const MAX_BYTES = 4 * 2 ** 32;
const ALIGNMENT = 256;

/** The largest arena of a device, in bytes. */
export function largestArena(limits: GpuLimits): number {
  const most = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  return most - (most % ALIGNMENT);
}

/**
 * Cuts memory into arenas.
 *
 * @param bytes - what the program needs
 * @param arena - length of an arena in bytes
 * @throws `backend.memory` where the device cannot bind so much at once
 */
export function mapMemory(bytes: number, arena: number, limits: GpuLimits): MemoryMap {
  const count = Math.max(1, Math.ceil(bytes / arena));
  const limit = Math.min(MAX_BYTES, arena * limits.maxStorageBuffersPerShaderStage);
  if (bytes > limit) throw fail('backend.memory', { backend: 'webgpu', needed: bytes, limit });
  const arenaWords = arena / 4;
  const rest = Math.ceil(Math.max(4, bytes - arena * (count - 1)) / ALIGNMENT) * ALIGNMENT;
  return {
    arenaWords,
    arenaBytes: Array.from({ length: count }, (_, at) => (at < count - 1 ? arena : Math.min(rest, arena))),
    placeOf: (address, words) => {
      const first = address / 4;
      const number = Math.floor(first / arenaWords);
      const end = first + Math.max(words, 1);
      if (end <= (number + 1) * arenaWords) return { place: number, base: first - number * arenaWords };
      return { place: 'spanning', base: first };
    },
  };
}

/** A part of a tensor that lies in one arena; in words. */
export interface Segment {
  readonly arena: number;
  readonly offset: number;
  /** From the beginning of the tensor. */
  readonly from: number;
  readonly words: number;
}

/** The parts of a tensor, in order; none of an empty one. */
export function segmentsOf(map: MemoryMap, address: number, words: number): Segment[] {
  const segments: Segment[] = [];
  for (let from = 0; from < words; ) {
    const word = address / 4 + from;
    const arena = Math.floor(word / map.arenaWords);
    const offset = word - arena * map.arenaWords;
    const length = Math.min(words - from, map.arenaWords - offset);
    segments.push({ arena, offset, from, words: length });
    from += length;
  }
  return segments;
}
