/** A program's buffers on the device, and the ways of words to and from them. */
import { fail } from '../../errors/index.js';
import type { Words } from '../backend.js';
import type { OpenDevice } from './device.js';
import { BUFFER_USAGE, type GpuBuffer, type GpuErrorFilter, MAP_READ } from './gpu-types.js';
import { type MemoryMap, segmentsOf } from './memory-map.js';
import { firstLine } from './package.js';

/** Words in one transfer: bounds the memory that a driver takes for it. */
const TRANSFER_WORDS = 2 ** 24;

/** A part of a transfer to the host. */
interface Piece {
  readonly arena: number;
  readonly offset: number;
  readonly target: Words;
  readonly from: number;
  readonly words: number;
}

/** Where to read, and into what. */
export interface Reading {
  /** Byte address. */
  readonly address: number;
  readonly into: Words;
}

export class GpuMemory {
  readonly #opened: OpenDevice;
  readonly #map: MemoryMap;
  readonly arenas: readonly GpuBuffer[];
  readonly records: GpuBuffer;
  #staging: GpuBuffer | undefined;

  private constructor(opened: OpenDevice, map: MemoryMap, arenas: readonly GpuBuffer[], records: GpuBuffer) {
    this.#opened = opened;
    this.#map = map;
    this.arenas = arenas;
    this.records = records;
  }

  /**
   * Allocates everything; all arenas are zero.
   *
   * @throws `webgpu.memory`
   */
  static async allocate(opened: OpenDevice, map: MemoryMap, records: Words): Promise<GpuMemory> {
    const { storage, copySource, copyTarget, uniform } = BUFFER_USAGE;
    const sizes = [...map.arenaBytes, records.byteLength];
    const buffers = await allocateBuffers(opened, sizes, (at) =>
      at < map.arenaBytes.length ? storage | copySource | copyTarget : uniform | copyTarget,
    );
    const table = buffers.at(-1)!;
    opened.device.queue.writeBuffer(table, 0, records, 0, records.length);
    return new GpuMemory(opened, map, buffers.slice(0, -1), table);
  }

  /** Queues words for an address. */
  write(address: number, words: Words): void {
    const { queue } = this.#opened.device;
    for (const { arena, offset, from, words: length } of segmentsOf(this.#map, address, words.length)) {
      for (let at = 0; at < length; at += TRANSFER_WORDS) {
        const count = Math.min(TRANSFER_WORDS, length - at);
        queue.writeBuffer(this.arenas[arena]!, 4 * (offset + at), words, from + at, count);
      }
    }
  }

  /** Fills arrays with what lies on the device after all commands that were queued. */
  async read(readings: readonly Reading[]): Promise<void> {
    let batch: Piece[] = [];
    let filled = 0;
    for (const piece of readings.flatMap((reading) => this.#piecesOf(reading))) {
      if (filled + piece.words > TRANSFER_WORDS) {
        await this.#transfer(batch);
        batch = [];
        filled = 0;
      }
      batch.push(piece);
      filled += piece.words;
    }
    if (batch.length > 0) await this.#transfer(batch);
  }

  dispose(): void {
    for (const buffer of [...this.arenas, this.records]) buffer.destroy();
    this.#staging?.destroy();
  }

  #piecesOf({ address, into }: Reading): Piece[] {
    return segmentsOf(this.#map, address, into.length).flatMap(({ arena, offset, from, words }) =>
      Array.from({ length: Math.ceil(words / TRANSFER_WORDS) }, (_, at) => ({
        arena,
        offset: offset + at * TRANSFER_WORDS,
        target: into,
        from: from + at * TRANSFER_WORDS,
        words: Math.min(TRANSFER_WORDS, words - at * TRANSFER_WORDS),
      })),
    );
  }

  async #transfer(pieces: readonly Piece[]): Promise<void> {
    const bytes = 4 * pieces.reduce((sum, { words }) => sum + words, 0);
    const staging = await this.#stagingOf(bytes);
    await this.#opened.checked(async () => {
      const { device } = this.#opened;
      const encoder = device.createCommandEncoder();
      let at = 0;
      for (const { arena, offset, words } of pieces) {
        encoder.copyBufferToBuffer(this.arenas[arena]!, 4 * offset, staging, at, 4 * words);
        at += 4 * words;
      }
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(MAP_READ);
    });
    const words = new Uint32Array(staging.getMappedRange(0, bytes));
    let at = 0;
    for (const piece of pieces) {
      piece.target.set(words.subarray(at, at + piece.words), piece.from);
      at += piece.words;
    }
    staging.unmap();
  }

  async #stagingOf(bytes: number): Promise<GpuBuffer> {
    if (this.#staging !== undefined && this.#staging.size >= bytes) return this.#staging;
    this.#staging?.destroy();
    this.#staging = undefined;
    const { mapRead, copyTarget } = BUFFER_USAGE;
    const size = Math.max(bytes, 4096);
    [this.#staging] = await allocateBuffers(this.#opened, [size], () => mapRead | copyTarget);
    return this.#staging!;
  }
}

/** @throws `webgpu.memory` */
async function allocateBuffers(
  { device, name, lost }: OpenDevice,
  sizes: readonly number[],
  usageOf: (at: number) => number,
): Promise<GpuBuffer[]> {
  const lostBefore = lost();
  if (lostBefore !== undefined) throw lostBefore;
  const filters: readonly GpuErrorFilter[] = ['out-of-memory', 'validation'];
  for (const filter of filters) device.pushErrorScope(filter);
  const buffers: GpuBuffer[] = [];
  let problem: unknown;
  try {
    for (const [at, size] of sizes.entries()) buffers.push(device.createBuffer({ size, usage: usageOf(at) }));
  } catch (error) {
    problem = error;
  }
  const complaints = await Promise.all(filters.map(() => device.popErrorScope().catch(() => null)));
  problem ??= complaints.find((complaint) => complaint !== null)?.message;
  const lostNow = lost();
  if (problem === undefined && lostNow === undefined) return buffers;
  for (const buffer of buffers) buffer.destroy();
  if (lostNow !== undefined) throw lostNow;
  const needed = sizes.reduce((sum, size) => sum + size, 0);
  throw fail('webgpu.memory', { adapter: name, needed, reason: firstLine(problem) });
}
