/**
 * Part of a file as 32-bit words, read when they are asked for.
 *
 * Reading is synchronous: rows of data are a few kilobytes each and mostly in the system's page cache, and hashing and the
 * referee machine, which load single words, are synchronous too.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { fail } from '../errors/index.js';
import { systemCode } from './system-code.js';

/** Constants that are larger stay in their file, unless a caller says otherwise: 256 MiB. */
export const MAP_ABOVE_BYTES = 2 ** 28;

export interface FileWordsParameters {
  readonly path: string;
  /** The first byte. */
  readonly start: number;
  /** The bytes that the words are made of. Where they end inside a word, the rest of it is zero. */
  readonly byteLength: number;
  /** How bytes become words where they are not simply the words, little-endian. */
  readonly decoding?: WordDecoding;
}

export interface WordDecoding {
  readonly bytesPerWord: number;
  /** The words of some bytes; `firstWord` is their place, for messages. */
  decode(bytes: Uint8Array, firstWord: number): Uint32Array;
}

/** One read call moves at most 2 GiB − 1. */
const LARGEST_READ = 2 ** 30;

/** An open file outlives its words by no more than a garbage collection. */
const unused = new FinalizationRegistry((descriptor: number) => closeSync(descriptor));

/** Words of a file; the file stays open. Reading throws `data.changed` once somebody has written to it. */
export class FileWords {
  readonly length: number;
  readonly #descriptor: number;
  readonly #parameters: FileWordsParameters;
  readonly #bytesPerWord: number;
  readonly #version: string;

  /** @throws `data.file-unreadable` */
  constructor(parameters: FileWordsParameters) {
    this.#parameters = parameters;
    this.#bytesPerWord = parameters.decoding?.bytesPerWord ?? 4;
    this.length = Math.ceil(parameters.byteLength / this.#bytesPerWord);
    this.#descriptor = this.#system(() => openSync(parameters.path, 'r'));
    unused.register(this, this.#descriptor);
    this.#version = this.#versionNow();
  }

  at(index: number): number | undefined {
    return index < this.length ? this.subarray(index, index + 1)[0] : undefined;
  }

  /** A copy of words `from` … `to − 1`, as far as they exist. @throws `data.changed`, `data.file-unreadable` */
  subarray(from: number, to: number): Uint32Array {
    const { byteLength, decoding, path } = this.#parameters;
    const [first, end] = [Math.min(from, this.length), Math.min(to, this.length)];
    const bytes = new Uint8Array(Math.max(0, end - first) * this.#bytesPerWord);
    const begin = first * this.#bytesPerWord;
    const filled = bytes.subarray(0, Math.min(bytes.length, byteLength - begin));
    const whole = this.#system(() => this.#fill(filled, begin));
    if (!whole || this.#versionNow() !== this.#version) throw fail('data.changed', { path });
    return decoding === undefined ? new Uint32Array(bytes.buffer) : decoding.decode(filled, first);
  }

  #fill(target: Uint8Array, from: number): boolean {
    for (let done = 0; done < target.length; ) {
      const length = Math.min(LARGEST_READ, target.length - done);
      const read = readSync(this.#descriptor, target, done, length, this.#parameters.start + from + done);
      if (read === 0) return false;
      done += read;
    }
    return true;
  }

  /** What a write changes. A writer who sets the clock back is not caught; whoever checks hashes is never misled. */
  #versionNow(): string {
    const { size, mtimeNs } = this.#system(() => fstatSync(this.#descriptor, { bigint: true }));
    return `${size} ${mtimeNs}`;
  }

  #system<Result>(call: () => Result): Result {
    try {
      return call();
    } catch (cause) {
      if (systemCode(cause) === '') throw cause;
      throw fail('data.file-unreadable', { path: this.#parameters.path, reason: (cause as Error).message }, { cause });
    }
  }
}
