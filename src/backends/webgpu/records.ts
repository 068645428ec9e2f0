/** The records of calls: what a kernel learns from the CPU. Written once; a call names its record by a dynamic offset. */
import { RECORD_HEADER_WORDS, recordWords } from './wgsl/frame.js';

const SIGN_BIT = 0x80000000;
/** What WebGPU promises to accept as the alignment of an offset. */
const ALIGNMENT = 256;

/** The two words in a record's header that belong to the kernel. */
export interface RecordHeader {
  readonly first: number;
  readonly second: number;
}

const NO_HEADER: RecordHeader = { first: 0, second: 0 };

export class RecordTable {
  readonly #records: { readonly bases: readonly number[]; readonly header: RecordHeader }[] = [];

  /** Adds a record and returns its number. `bases` are the places of the call's tensors in words. */
  add(bases: readonly number[], header: RecordHeader = NO_HEADER): number {
    return this.#records.push({ bases, header }) - 1;
  }

  /** Distance of two records in bytes. */
  get stride(): number {
    const most = this.#records.reduce((words, { bases }) => Math.max(words, recordWords(bases.length)), 0);
    return Math.max(1, Math.ceil((4 * most) / ALIGNMENT)) * ALIGNMENT;
  }

  /** All records, as they go to the device. */
  words(): Uint32Array {
    const stride = this.stride / 4;
    const words = new Uint32Array(stride * this.#records.length);
    this.#records.forEach(({ bases, header }, at) => {
      words.set([0, SIGN_BIT, header.first, header.second], at * stride);
      words.set(bases, at * stride + RECORD_HEADER_WORDS);
    });
    return words;
  }
}
