/**
 * What recording one training step leaves: a list of tfjs kernel calls on symbolic values, and nothing else.
 *
 * A recording is single-assignment: every value has one id and one origin (a state tensor, a batch input, a constant,
 * or an output of a call), and calls stand in an order in which every input is known.
 */
export type TensorType = 'float32' | 'int32' | 'bool';

export interface RecordedValue {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: TensorType;
}

/** A constant known while recording: one number for every element (`fill`), or all `values` in row-major order. */
export interface RecordedConstant extends RecordedValue {
  readonly fill?: number;
  readonly values?: Float32Array | Int32Array | Uint8Array;
}

export interface RecordedState extends RecordedValue {
  readonly name: string;
  /** `parameter`, or the optimiser's slot (`adam/m`), or `statistic`. For people. */
  readonly role: string;
}

export interface RecordedBatchInput extends RecordedValue {
  readonly name: string;
}

export type Attribute =
  | number
  | string
  | boolean
  | null
  | readonly Attribute[]
  | { readonly [name: string]: Attribute };

export interface RecordedCall {
  /** The tfjs kernel, or one of ours: `GensynUniform` and `GensynNormal` {shape, stream}, `GensynInit` {className, config, shape, dtype, stream}. */
  readonly kernel: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Input name → value id. Kernels that take a list (AddN, Concat, Pack, Einsum) have the names '0', '1', … in order. */
  readonly inputs: Readonly<Record<string, number>>;
  readonly outputs: readonly RecordedValue[];
  /** The layer it came from, slash-separated: `dense_1`, `loss`, `optimizer`. */
  readonly scope: string;
  readonly phase: 'forward' | 'backward' | 'update' | 'build';
}

/**
 * One recorded function from (state, batch inputs) to (next state, results). The training step, the evaluation of a
 * batch and the genesis state (which reads neither state nor batch) all have this form.
 */
export interface Recording {
  readonly state: readonly RecordedState[];
  readonly batch: readonly RecordedBatchInput[];
  readonly constants: readonly RecordedConstant[];
  readonly calls: readonly RecordedCall[];
  /** For each state tensor, in order, the id of its next value. */
  readonly next: readonly number[];
  /** Scalars that people want to see: `loss`, `accuracy` → value id. */
  readonly results: Readonly<Record<string, number>>;
}
