/**
 * Chooses registers and emits microcode for a graph of values.
 *
 * A value is computed when it is first needed, the argument that needs more registers first, and gives its register back
 * after its last use. A value from outside of a loop keeps its register until the loop is over, because the next turn
 * reads it again. Accumulators and loop counters own their registers.
 */
import type { MachineInstruction } from './codec.js';
import type { LoweredOperator } from './lower-body.js';
import { IMMEDIATE, MACHINE_OPCODES, MAX_INSTRUCTIONS } from './machine-instructions.js';
import { Misfit } from './misfit.js';
import { type Move, sequenceMoves } from './parallel-moves.js';
import { type Plan, planEmission } from './plan.js';
import { createRegisterFile, type RegisterFile } from './register-file.js';
import { isConstant, type Scalar, type Value } from './value-graph.js';

/** Where a value lives. */
interface Home {
  readonly register: number;
  /** The loop depth at which it was computed. */
  readonly depth: number;
  /** Not given back after the last use: the register belongs to an accumulator or a loop counter. */
  readonly isReserved: boolean;
}

export interface EmitterOptions {
  /** True: what does not change in a loop is computed before it. False: where it is needed, which saves registers. */
  readonly hoist: boolean;
}

export interface EmittedCode {
  readonly instructions: readonly MachineInstruction[];
  /** How many instructions are executed for one element. */
  readonly executed: number;
}

/** Emits the code of a lowered operator. Throws {@link Misfit} where it does not fit the machine. */
export function emitMicrocode(lowered: LoweredOperator, options: EmitterOptions): EmittedCode {
  const emitter = new Emitter(lowered, options);
  emitter.emitOperator();
  return { instructions: emitter.instructions, executed: emitter.executed };
}

class Emitter {
  readonly instructions: MachineInstruction[] = [];
  executed = 0;
  readonly #lowered: LoweredOperator;
  readonly #options: EmitterOptions;
  readonly #plan: Plan;
  readonly #registers: RegisterFile = createRegisterFile();
  readonly #homes = new Map<Value, Home>();
  /** The registers of the accumulators. */
  readonly #accumulators: number[] = [];
  /** Values whose last use lies inside of a loop that they come from outside of. */
  #released: Value[] = [];
  #depth = 0;
  /** How often an instruction at the current depth is executed. */
  #turns = 1;

  constructor(lowered: LoweredOperator, options: EmitterOptions) {
    this.#lowered = lowered;
    this.#options = options;
    this.#plan = planEmission(lowered);
  }

  emitOperator(): void {
    this.#claimStartRegisters();
    if (this.#lowered.loops.length > 0) {
      this.#emitInitialValues();
      this.#emitHoisted();
      this.#emitLoop(0);
      this.#adoptResults();
    }
    this.#emitFinish(this.#lowered.finish);
  }

  #claimStartRegisters(): void {
    for (const value of this.#plan.uses.keys()) {
      if (value.kind !== 'element' && value.kind !== 'step') continue;
      const register = value.kind === 'element' ? 0 : 1;
      this.#registers.claim(register);
      this.#homes.set(value, { register, depth: 0, isReserved: false });
    }
  }

  #emitInitialValues(): void {
    const leaves = this.#leaves('accumulator');
    this.#lowered.init.forEach((init, slot) => {
      const register = this.#initialRegister(init);
      this.#accumulators.push(register);
      const leaf = leaves.get(slot);
      if (leaf !== undefined) this.#homes.set(leaf, { register, depth: this.#lowered.loops.length, isReserved: true });
    });
  }

  /** A register of its own that holds an initial value: the value's register where nobody else reads it. */
  #initialRegister(init: Scalar): number {
    if (isConstant(init)) {
      const register = this.#registers.take();
      this.#push({ opcode: MACHINE_OPCODES.li, rd: register, imm: init.bits });
      return register;
    }
    const from = this.#place(init);
    this.#consume(init);
    if (this.#plan.uses.get(init) === 0) {
      this.#registers.claim(from);
      return from;
    }
    const register = this.#registers.take();
    this.#push({ opcode: MACHINE_OPCODES.mov, rd: register, ra: from });
    return register;
  }

  #emitHoisted(): void {
    if (!this.#options.hoist) return;
    for (const value of this.#plan.hoisted[this.#depth] ?? []) this.#place(value);
  }

  #emitLoop(loop: number): void {
    const extent = this.#lowered.loops[loop];
    if (extent === undefined) {
      this.#emitUpdates();
      return;
    }
    const register = this.#registers.take();
    this.#push({ opcode: MACHINE_OPCODES.li, rd: register, imm: 0 });
    const leaf = this.#leaves('counter').get(loop);
    if (leaf !== undefined) this.#homes.set(leaf, { register, depth: loop + 1, isReserved: true });
    const start = this.instructions.length;
    const turns = this.#turns;
    this.#turns *= extent;
    this.#depth += 1;
    this.#emitHoisted();
    this.#emitLoop(loop + 1);
    this.#push({ opcode: MACHINE_OPCODES.loop, rd: register, rb: start, imm: extent });
    this.#depth -= 1;
    this.#turns = turns;
    this.#registers.free(register);
    this.#freeReleased();
  }

  /** All accumulators change at once, although some of their new values may be written where the old ones stood. */
  #emitUpdates(): void {
    const moves: Move[] = [];
    const { update } = this.#lowered;
    const leaves = this.#leaves('accumulator');
    update.forEach((root, slot) => {
      if (isConstant(root)) return;
      const register = this.#accumulators[slot]!;
      const old = leaves.get(slot);
      const isFree = (): boolean => old === undefined || this.#plan.uses.get(old) === 0;
      // A value of level 0 may be read after the fold, when the register is no longer the accumulator's.
      const from = this.#place(root, () => (root.level > 0 && isFree() ? register : undefined));
      moves.push({ to: register, from });
    });
    const scratch = (): number => {
      const register = this.#registers.take();
      this.#registers.free(register);
      return register;
    };
    for (const { to, from } of sequenceMoves(moves, scratch))
      this.#push({ opcode: MACHINE_OPCODES.mov, rd: to, ra: from });
    update.forEach((root, slot) => {
      if (isConstant(root)) this.#push({ opcode: MACHINE_OPCODES.li, rd: this.#accumulators[slot]!, imm: root.bits });
      else this.#consume(root);
    });
  }

  /** After the fold the accumulators' registers hold its results. */
  #adoptResults(): void {
    const leaves = this.#leaves('result');
    this.#accumulators.forEach((register, slot) => {
      const leaf = leaves.get(slot);
      if (leaf === undefined) this.#registers.free(register);
      else this.#homes.set(leaf, { register, depth: 0, isReserved: false });
    });
  }

  /** Nothing lives after the last instruction, so that it may always write r0. */
  #emitFinish(finish: Scalar): void {
    if (isConstant(finish)) {
      this.#push({ opcode: MACHINE_OPCODES.li, rd: 0, imm: finish.bits });
      return;
    }
    const register = this.#place(finish, () => 0);
    if (register !== 0) this.#push({ opcode: MACHINE_OPCODES.mov, rd: 0, ra: register });
  }

  /**
   * Makes sure that a value stands in a register.
   *
   * @param reservedTarget - a register outside of the file's free ones to compute it into, asked once the arguments are used
   */
  #place(value: Value, reservedTarget?: () => number | undefined): number {
    const home = this.#homes.get(value);
    if (home !== undefined) return home.register;
    if (value.kind !== 'operation') throw new Error(`${value.kind} ${value.imm} is not in a register`);
    for (const arg of [...value.args].sort((a, b) => b.need - a.need || a.id - b.id)) this.#place(arg);
    const [ra = 0, rb = 0, rc = 0] = value.args.map((arg) => this.#homes.get(arg)!.register);
    for (const arg of value.args) this.#consume(arg);
    const reserved = reservedTarget?.();
    const rd = reserved ?? this.#registers.take();
    this.#homes.set(value, { register: rd, depth: this.#depth, isReserved: reserved !== undefined });
    const imm = value.args.length === 3 ? rc : value.imm;
    this.#push({ opcode: value.opcode, rd, ra, rb: value.hasImmediate ? IMMEDIATE : rb, imm });
    return rd;
  }

  /** Counts one use as done, and gives the register back after the last. */
  #consume(value: Value): void {
    const left = this.#plan.uses.get(value)! - 1;
    this.#plan.uses.set(value, left);
    const home = this.#homes.get(value)!;
    if (left > 0 || home.isReserved) return;
    if (home.depth < this.#depth) this.#released.push(value);
    else this.#registers.free(home.register);
  }

  #freeReleased(): void {
    const isOutside = (value: Value): boolean => this.#homes.get(value)!.depth < this.#depth;
    for (const value of this.#released) {
      if (!isOutside(value)) this.#registers.free(this.#homes.get(value)!.register);
    }
    this.#released = this.#released.filter(isOutside);
  }

  /** The leaves of a kind that are used, by number. */
  #leaves(kind: Value['kind']): Map<number, Value> {
    const leaves = [...this.#plan.uses.keys()].filter((value) => value.kind === kind);
    return new Map(leaves.map((value) => [value.imm, value]));
  }

  #push(fields: Partial<MachineInstruction> & { readonly opcode: number }): void {
    this.instructions.push({ rd: 0, ra: 0, rb: 0, imm: 0, ...fields });
    this.executed += this.#turns;
    if (this.instructions.length > MAX_INSTRUCTIONS) throw new Misfit('instructions', this.instructions.length);
  }
}
