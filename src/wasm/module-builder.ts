import { ByteSink } from './byte-sink.js';
import { FunctionBuilder } from './function-builder.js';
import { VALUE_TYPES, type ValueType } from './opcodes.js';

interface Signature {
  readonly index: number;
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface ImportedMemory {
  /** In pages of 64 KiB. */
  readonly minimum: number;
  readonly maximum: number;
  readonly shared: boolean;
}

/** Collects functions, a memory import and a function table, and encodes them as a WebAssembly module. */
export class ModuleBuilder {
  readonly #signatures = new Map<string, Signature>();
  readonly #functionImports: { readonly name: string; readonly type: number }[] = [];
  readonly #functions: FunctionBuilder[] = [];
  readonly #exports: { readonly name: string; readonly index: number }[] = [];
  #memory: ImportedMemory | undefined;
  #table: readonly number[] = [];

  /** Imports the memory `env.memory`. */
  importMemory(memory: ImportedMemory): void {
    this.#memory = memory;
  }

  /** Imports the function `env.<name>`; all imports stand before the first {@link addFunction}. Returns its index. */
  importFunction(name: string, params: readonly ValueType[], results: readonly ValueType[]): number {
    if (this.#functions.length > 0) throw new Error('function imports stand before functions');
    return this.#functionImports.push({ name, type: this.typeIndex(params, results) }) - 1;
  }

  /**
   * Adds a function and returns its index, with which others `call` it. `build` gets the builder and the parameters'
   * locals. Functions may be added while another one is being built.
   */
  addFunction(
    params: readonly ValueType[],
    results: readonly ValueType[],
    build: (builder: FunctionBuilder, ...params: number[]) => void,
  ): number {
    const builder = new FunctionBuilder(this.#functionImports.length + this.#functions.length, params, results);
    this.typeIndex(params, results);
    this.#functions.push(builder);
    build(builder, ...params.keys());
    return builder.index;
  }

  exportFunction(name: string, index: number): void {
    this.#exports.push({ name, index });
  }

  /** Fills table 0 with functions, for `callIndirect`. */
  setTable(functions: readonly number[]): void {
    this.#table = functions;
  }

  /** The index of a function type. */
  typeIndex(params: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${params.join()}>${results.join()}`;
    const known = this.#signatures.get(key);
    if (known !== undefined) return known.index;
    const index = this.#signatures.size;
    this.#signatures.set(key, { index, params, results });
    return index;
  }

  /** The module in the binary format, ready for `new WebAssembly.Module`. */
  encode(): Uint8Array<ArrayBuffer> {
    const out = new ByteSink(65536).bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    section(out, 1, this.#signatures.size, (sink) => {
      for (const { params, results } of this.#signatures.values()) {
        sink.byte(0x60);
        for (const types of [params, results])
          sink.unsigned(types.length).bytes(types.map((type) => VALUE_TYPES[type]));
      }
    });
    this.#encodeImports(out);
    section(out, 3, this.#functions.length, (sink) => {
      for (const { params, results } of this.#functions) sink.unsigned(this.typeIndex(params, results));
    });
    section(out, 4, this.#table.length > 0 ? 1 : 0, (sink) => {
      sink.byte(0x70).byte(1).unsigned(this.#table.length).unsigned(this.#table.length);
    });
    section(out, 7, this.#exports.length, (sink) => {
      for (const { name, index } of this.#exports) sink.name(name).byte(0).unsigned(index);
    });
    section(out, 9, this.#table.length > 0 ? 1 : 0, (sink) => {
      sink.bytes([0, 0x41, 0, 0x0b]).unsigned(this.#table.length);
      for (const index of this.#table) sink.unsigned(index);
    });
    section(out, 10, this.#functions.length, (sink) => {
      for (const builder of this.#functions) sink.bytes(builder.encode());
    });
    return new Uint8Array(out.view());
  }

  #encodeImports(out: ByteSink): void {
    const memory = this.#memory;
    section(out, 2, this.#functionImports.length + (memory === undefined ? 0 : 1), (sink) => {
      if (memory !== undefined) {
        sink
          .name('env')
          .name('memory')
          .byte(2)
          .byte(memory.shared ? 3 : 1);
        sink.unsigned(memory.minimum).unsigned(memory.maximum);
      }
      for (const { name, type } of this.#functionImports) sink.name('env').name(name).byte(0).unsigned(type);
    });
  }
}

function section(out: ByteSink, id: number, count: number, write: (sink: ByteSink) => void): void {
  if (count === 0) return;
  const content = new ByteSink(4096).unsigned(count);
  write(content);
  out.byte(id).unsigned(content.length).bytes(content.view());
}
