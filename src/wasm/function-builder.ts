import { ByteSink } from './byte-sink.js';
import {
  LANE_MEMORY_OPCODES,
  LANE_OPCODES,
  type LaneInstruction,
  type LaneMemoryInstruction,
  MEMORY_OPCODES,
  type MemoryInstruction,
  PLAIN_OPCODES,
  type PlainInstruction,
  SATURATING_OPCODES,
  SIMD_OPCODES,
  VALUE_TYPES,
  type ValueType,
} from './opcodes.js';

/** A local variable's number. Parameters are the first locals. */
export type Local = number;
/** A branch target, given to the body of a `block` or `loop`. */
export type Label = number;

const EMPTY_BLOCK = 0x40;

/** Every instruction without immediates → its bytes. */
const INSTRUCTION_BYTES: ReadonlyMap<string, readonly number[]> = new Map([
  ...Object.entries(PLAIN_OPCODES).map(([name, code]): [string, number[]] => [name, [code]]),
  ...Object.entries(SATURATING_OPCODES).map(([name, code]): [string, number[]] => [name, [0xfc, code]]),
  ...Object.entries(SIMD_OPCODES).map(([name, code]): [string, number[]] => [
    name,
    code < 128 ? [0xfd, code] : [0xfd, (code & 127) | 128, code >> 7],
  ]),
]);

/**
 * Writes the body of one function. Every method appends one instruction (or a small idiom) and returns the builder, so
 * that code reads in stack order: `f.get(a).i32(4).op('i32.add').set(a)`.
 */
export class FunctionBuilder {
  readonly index: number;
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly #localTypes: ValueType[] = [];
  readonly #free = new Map<ValueType, Local[]>();
  readonly #code = new ByteSink(512);
  readonly #vector = new DataView(new ArrayBuffer(16));
  #depth = 0;

  constructor(index: number, params: readonly ValueType[], results: readonly ValueType[]) {
    this.index = index;
    this.params = params;
    this.results = results;
  }

  /** Length of the code so far, in bytes. */
  get size(): number {
    return this.#code.length;
  }

  /** A local of some type: a released one where there is one (it holds its old value then), else a new one. */
  local(type: ValueType): Local {
    const released = this.#free.get(type)?.pop();
    if (released !== undefined) return released;
    this.#localTypes.push(type);
    return this.params.length + this.#localTypes.length - 1;
  }

  locals(count: number, type: ValueType): Local[] {
    return Array.from({ length: count }, () => this.local(type));
  }

  /** Gives locals back for reuse. Parameters cannot be released. */
  release(...locals: readonly Local[]): void {
    for (const local of locals) {
      const type = this.#localTypes[local - this.params.length];
      if (type === undefined) throw new Error(`local ${local} cannot be released`);
      const free = this.#free.get(type);
      if (free === undefined) this.#free.set(type, [local]);
      else free.push(local);
    }
  }

  /** Instructions without immediates. */
  op(...names: readonly PlainInstruction[]): this {
    for (const name of names) {
      const bytes = INSTRUCTION_BYTES.get(name);
      if (bytes === undefined) throw new Error(`unknown instruction ${name}`);
      this.#code.bytes(bytes);
    }
    return this;
  }

  get(local: Local): this {
    this.#code.byte(0x20).unsigned(local);
    return this;
  }

  set(local: Local): this {
    this.#code.byte(0x21).unsigned(local);
    return this;
  }

  tee(local: Local): this {
    this.#code.byte(0x22).unsigned(local);
    return this;
  }

  i32(value: number): this {
    this.#code.byte(0x41).signed(value);
    return this;
  }

  i64(value: bigint): this {
    this.#code.byte(0x42).signed64(value);
    return this;
  }

  /** A binary32 constant given by its bits. */
  f32Bits(bits: number): this {
    this.#vector.setUint32(0, bits, true);
    this.#code.byte(0x43).bytes(new Uint8Array(this.#vector.buffer, 0, 4));
    return this;
  }

  f64(value: number): this {
    this.#vector.setFloat64(0, value, true);
    this.#code.byte(0x44).bytes(new Uint8Array(this.#vector.buffer, 0, 8));
    return this;
  }

  /** Four 32-bit lanes; a single argument fills all four. */
  v128(first: number, second = first, third = first, fourth = first): this {
    [first, second, third, fourth].forEach((word, lane) => {
      this.#vector.setInt32(4 * lane, word, true);
    });
    return this.#vectorConstant();
  }

  /** Sixteen byte lanes. */
  v128Bytes(lanes: readonly number[]): this {
    lanes.forEach((value, lane) => {
      this.#vector.setUint8(lane, value);
    });
    return this.#vectorConstant();
  }

  /** A load, store or atomic access; the address is on the stack, `offset` is added to it without wrapping. */
  mem(name: MemoryInstruction, offset = 0): this {
    const [prefix, code, alignment] = MEMORY_OPCODES[name];
    if (prefix !== 0) this.#code.byte(prefix);
    this.#code.unsigned(code).unsigned(alignment).unsigned(offset);
    return this;
  }

  lane(name: LaneInstruction, lane: number): this {
    this.#code.byte(0xfd).unsigned(LANE_OPCODES[name]).byte(lane);
    return this;
  }

  /** Loads or stores one lane; stack: address, vector. */
  laneMem(name: LaneMemoryInstruction, offset: number, lane: number): this {
    const [code, alignment] = LANE_MEMORY_OPCODES[name];
    this.#code.byte(0xfd).unsigned(code).unsigned(alignment).unsigned(offset).byte(lane);
    return this;
  }

  /** Picks 16 bytes of the two vectors on the stack (0 … 15 the first, 16 … 31 the second). */
  shuffleBytes(lanes: readonly number[]): this {
    this.#code.byte(0xfd).unsigned(13).bytes(lanes);
    return this;
  }

  /** Picks four 32-bit lanes of the two vectors on the stack (0 … 3 the first, 4 … 7 the second). */
  shuffleWords(first: number, second: number, third: number, fourth: number): this {
    return this.shuffleBytes([first, second, third, fourth].flatMap((word) => bytesOfLane(word, 4)));
  }

  /** Picks two 64-bit lanes of the two vectors on the stack (0 and 1 the first, 2 and 3 the second). */
  shuffleDoubles(first: number, second: number): this {
    return this.shuffleBytes([first, second].flatMap((half) => bytesOfLane(half, 8)));
  }

  /** Branches to the label go behind the block. */
  block(body: (label: Label) => void, result?: ValueType): this {
    return this.#nest(0x02, body, result);
  }

  /** Branches to the label go to the start of the loop. */
  loop(body: (label: Label) => void, result?: ValueType): this {
    return this.#nest(0x03, body, result);
  }

  /** The condition is on the stack. */
  if(then: () => void, otherwise?: () => void, result?: ValueType): this {
    return this.#nest(
      0x04,
      () => {
        then();
        if (otherwise === undefined) return;
        this.#code.byte(0x05);
        otherwise();
      },
      result,
    );
  }

  br(label: Label): this {
    this.#code.byte(0x0c).unsigned(this.#depth - label);
    return this;
  }

  brIf(label: Label): this {
    this.#code.byte(0x0d).unsigned(this.#depth - label);
    return this;
  }

  call(functionIndex: number): this {
    this.#code.byte(0x10).unsigned(functionIndex);
    return this;
  }

  /** Calls through table 0; the arguments and then the table index are on the stack. `type` from `typeIndex`. */
  callIndirect(type: number): this {
    this.#code.byte(0x11).unsigned(type).unsigned(0);
    return this;
  }

  /** Stack: destination, source, bytes. */
  memoryCopy(): this {
    this.#code.bytes([0xfc, 10, 0, 0]);
    return this;
  }

  /** Stack: destination, byte value, bytes. */
  memoryFill(): this {
    this.#code.bytes([0xfc, 11, 0]);
    return this;
  }

  fence(): this {
    this.#code.bytes([0xfe, 3, 0]);
    return this;
  }

  /** `local += amount`. */
  increment(local: Local, amount: number): this {
    return amount === 0 ? this : this.get(local).i32(amount).op('i32.add').set(local);
  }

  /**
   * `for (counter = from; counter < to; counter += step)`, unsigned; the test stands at the end, so that the body runs
   * at least once. `pushTo` pushes the bound.
   */
  countedLoop(counter: Local, from: number, pushTo: () => void, step: number, body: () => void): this {
    this.i32(from).set(counter);
    return this.loop((top) => {
      body();
      this.get(counter).i32(step).op('i32.add').tee(counter);
      pushTo();
      this.op('i32.lt_u').brIf(top);
    });
  }

  /** The function's entry of the code section. */
  encode(): Uint8Array {
    const runs: [number, ValueType][] = [];
    for (const type of this.#localTypes) {
      const last = runs.at(-1);
      if (last?.[1] === type) last[0]++;
      else runs.push([1, type]);
    }
    const head = new ByteSink(16).unsigned(runs.length);
    for (const [count, type] of runs) head.unsigned(count).byte(VALUE_TYPES[type]);
    return new ByteSink(head.length + this.size + 8)
      .unsigned(head.length + this.size + 1)
      .bytes(head.view())
      .bytes(this.#code.view())
      .byte(0x0b)
      .view();
  }

  #vectorConstant(): this {
    this.#code.byte(0xfd).unsigned(12).bytes(new Uint8Array(this.#vector.buffer));
    return this;
  }

  #nest(opcode: number, body: (label: Label) => void, result: ValueType | undefined): this {
    this.#code.byte(opcode).byte(result === undefined ? EMPTY_BLOCK : VALUE_TYPES[result]);
    this.#depth++;
    body(this.#depth);
    this.#depth--;
    this.#code.byte(0x0b);
    return this;
  }
}

function bytesOfLane(lane: number, width: number): number[] {
  return Array.from({ length: width }, (_, at) => lane * width + at);
}
