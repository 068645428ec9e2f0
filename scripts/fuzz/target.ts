/** What the fuzzer calls: targets in groups, each with inputs of its own and a rule that every input must keep. */
import type { Random } from '../../test/referee/random-operators.js';

export const GROUPS = ['parsers', 'program', 'operators', 'referee', 'game', 'cli'] as const;
export type Group = (typeof GROUPS)[number];

/** How the groups share the time: most of the targets are parsers. */
export const SHARES: Readonly<Record<Group, number>> = {
  parsers: 6,
  program: 1,
  operators: 2,
  referee: 1,
  game: 1,
  cli: 2,
};

/** What the product made of an input that kept the rule. */
export type Outcome = 'accepted' | 'refused';

/** A target that is ready: its samples are read, its servers run. */
export interface Fuzzer<Input = unknown> {
  /** Makes an input. The same random numbers give the same input. */
  make(random: Random): Input;
  /** Gives the input to the product. Throws where the rule is broken; the message says how. */
  check(input: Input): Outcome | Promise<Outcome>;
  /** The input as it goes into the file of a finding. */
  show(input: Input): Uint8Array | string;
  close?(): Promise<void>;
}

/** Bounds of one input; a target that says nothing has none. */
export interface Bounds {
  /** Milliseconds for an input of up to 64 KiB, and as many again for every 64 KiB more. */
  readonly milliseconds?: number;
  /** Bytes outside of JavaScript's heap for an input of up to 64 KiB; likewise. */
  readonly bytes?: number;
}

export interface Target {
  /** Unique in its group: small letters and hyphens. */
  readonly name: string;
  readonly bounds?: Bounds;
  open(): Promise<Fuzzer>;
}

/** Hides the type of a target's inputs from those who run it. */
export function defineTarget<Input>(target: {
  readonly name: string;
  readonly bounds?: Bounds;
  open(): Promise<Fuzzer<Input>>;
}): Target {
  return target as Target;
}
