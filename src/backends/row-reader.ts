/** Reads the rows of a training step from the constants that hold them, into the words of row windows. */
import type { WordSource } from '../commitments/word-source.js';
import { type ConstantDType, constantWords, type Program } from '../program/program.js';
import type { Executor, Words } from './backend.js';
import { type RowWindow, windowTensor } from './row-windows.js';
import type { WindowedProgram } from './windowed-program.js';

/** Elements of a constant on their way into a window; a `u8` constant counts bytes, the others words. */
interface FilledWindow {
  readonly window: RowWindow;
  readonly source: WordSource;
  readonly elementBytes: 1 | 4;
  readonly words: Words;
}

/** The windows of one step at a time. Calls must not overlap. */
export class RowReader {
  readonly #executor: Executor;
  readonly #rowTemporaries: readonly number[];
  readonly #filled: readonly FilledWindow[];
  #step: number | undefined;

  /** `executor` runs `windowed.rows`; `constants` are those of the original program. */
  constructor(windowed: WindowedProgram, program: Program, constants: readonly WordSource[], executor: Executor) {
    this.#executor = executor;
    this.#rowTemporaries = windowed.rowTemporaries;
    this.#filled = windowed.windows.map((window) => {
      const tensor = program.constants[window.constant]!;
      const words = new Uint32Array(constantWords(windowTensor(tensor, window)));
      const filled = { window, source: constants[window.constant]!, elementBytes: bytesOf(tensor.dtype), words };
      readRow(filled, window.batch, 0);
      return filled;
    });
  }

  /** Reads the rows of a step, unless they are those that were read last. @throws `data.changed`, `data.file-unreadable` */
  async fetch(step: number): Promise<void> {
    if (this.#step === step) return;
    this.#step = undefined;
    await this.#executor.run(step, 1);
    const numbers = await this.#executor.readState();
    for (const filled of this.#filled) {
      const { rows, count } = filled.window;
      numbers[this.#rowTemporaries.indexOf(rows)]!.forEach((row, place) => {
        readRow(filled, place, row < count ? row : 0);
      });
    }
    this.#step = step;
  }

  /** Puts the rows of a step into the constants of an executor of the windowed program. */
  async place(step: number, executor: Executor): Promise<void> {
    await this.fetch(step);
    for (const { window, words } of this.#filled) await executor.writeConstant!(window.constant, words);
  }

  dispose(): Promise<void> {
    return this.#executor.dispose();
  }
}

function bytesOf(dtype: ConstantDType): 1 | 4 {
  return dtype === 'u8' ? 1 : 4;
}

/** Copies a row of the constant to a place of the window; behind the constant's end there are zeros. */
function readRow({ window, source, elementBytes, words }: FilledWindow, place: number, row: number): void {
  const { stride, width } = window;
  const begin = row * stride * elementBytes;
  const length = width * elementBytes;
  const read = source.subarray(Math.floor(begin / 4), Math.ceil((begin + length) / 4));
  const bytes = new Uint8Array(read.buffer, read.byteOffset, read.byteLength).subarray(begin % 4, (begin % 4) + length);
  const target = new Uint8Array(words.buffer, place * length, length);
  target.set(bytes);
  target.fill(0, bytes.length);
}
