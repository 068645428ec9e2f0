/**
 * Executors for constants that lie in files: the rows of each training step are read before it into a window, and the
 * program runs on the window. State, results and the outputs of all operators are those of the program as it stands.
 */
import { inMemory, isInMemory, type WordSource } from '../commitments/word-source.js';
import { fail } from '../errors/index.js';
import type { Program } from '../program/program.js';
import type { Backend, Executor, ExecutorOptions, Words } from './backend.js';
import { RowReader } from './row-reader.js';
import { type WindowedProgram, windowedProgram } from './windowed-program.js';

/**
 * Compiles a program and loads its constants. Those in files are read row by row while it runs; where an operator reads
 * one otherwise it is loaded as a whole.
 *
 * @throws `backend.constants-in-files`, `backend.memory`, `data.changed`, `data.file-unreadable`
 */
export async function prepareExecutor(
  backend: Backend,
  program: Program,
  constants: readonly WordSource[],
  options: ExecutorOptions,
): Promise<Executor> {
  const windowed = windowedProgram(program, inFiles(constants));
  if (windowed === undefined) return backend.prepare(program, constants.map(inMemory), options);
  const inner = await backend.prepare(windowed.program, loaded(constants, windowed), options);
  try {
    if (inner.writeConstant === undefined) {
      const constant = program.constants[windowed.windows[0]!.constant]!.name;
      throw fail('backend.constants-in-files', { backend: backend.name, constant });
    }
    const numbers = await backend.prepare(windowed.rows, [], { threads: 1 });
    return new StreamedExecutor(inner, new RowReader(windowed, program, constants, numbers));
  } catch (error) {
    await inner.dispose();
    throw error;
  }
}

/** The programs that {@link prepareExecutor} prepares, for an estimate of their memory. */
export function executedPrograms(program: Program, constants: readonly WordSource[]): readonly Program[] {
  const windowed = windowedProgram(program, inFiles(constants));
  return windowed === undefined ? [program] : [windowed.program, windowed.rows];
}

function inFiles(constants: readonly WordSource[]): number[] {
  return constants.flatMap((words, at) => (isInMemory(words) ? [] : at));
}

/** The constants of a windowed program, with windows that are still empty. */
function loaded(constants: readonly WordSource[], { windows }: WindowedProgram): Words[] {
  const windowed = new Set(windows.map(({ constant }) => constant));
  return constants.map((words, at) => (windowed.has(at) ? new Uint32Array(0) : inMemory(words)));
}

class StreamedExecutor implements Executor {
  readonly #inner: Executor;
  readonly #rows: RowReader;

  constructor(inner: Executor, rows: RowReader) {
    this.#inner = inner;
    this.#rows = rows;
  }

  writeState(state: readonly Words[]): Promise<void> {
    return this.#inner.writeState(state);
  }

  readState(into?: readonly Words[]): Promise<readonly Words[]> {
    return this.#inner.readState(into);
  }

  async run(from: number, steps: number): Promise<Words[]> {
    const results: Words[] = [];
    for (let step = from; step < from + steps; step++) {
      await this.#rows.place(step, this.#inner);
      const running = this.#inner.run(step, 1);
      // The threads compute meanwhile. Whatever fails here fails again when the rows are needed.
      const fetching = this.#rows.fetch(step + 1).catch(() => undefined);
      const [done] = await Promise.all([running, fetching]);
      results.push(...done);
    }
    return results;
  }

  async runObserved(step: number, visit: (operator: number, output: Words) => void): Promise<Words> {
    await this.#rows.place(step, this.#inner);
    return this.#inner.runObserved(step, visit);
  }

  hashState(): Promise<Uint8Array[]> {
    return this.#inner.hashState();
  }

  async dispose(): Promise<void> {
    await this.#rows.dispose();
    await this.#inner.dispose();
  }
}
