/** Collects the sources and operators of a program while lazy tensors are stored. */

import type { WordSource } from '../../commitments/word-source.js';
import { fail } from '../../errors/index.js';
import { index, load } from '../../expr/expression.js';
import { defineOperator, type Operator, outputWords } from '../../expr/operator.js';
import {
  type ConstantTensor,
  constantWords,
  type ProgramOperator,
  type SlotKind,
  type StateTensor,
  stateWords,
} from '../../program/program.js';
import type { TensorType } from '../recording.js';
import { type AssembledOperator, assemble } from './assemble.js';
import { elementCount, type LazyTensor, type Source, scalarType, storedTensor } from './lazy-tensor.js';
import { isWithinLimits, type LoweringLimits, nodeCount, operatorFits } from './limits.js';

/** What kernels, batch bindings and the lowering itself may do to the program under construction. */
export interface ProgramBuilder {
  /** The job's seed; random streams derive from it. */
  readonly seed: number;
  readonly limits: LoweringLimits;
  /** The layer and phase of what is being lowered, `dense_1/forward`. */
  label: string;
  /** Adds a constant and gives it as something to read; equal names are not merged. */
  constant(tensor: ConstantTensor, words: WordSource): Source;
  /** Adds a ready operator. Its output can be read in row-major order of `shape`. */
  operator(operator: Operator, sources: readonly Source[], shape: readonly number[], dtype: TensorType): LazyTensor;
  /** Stores a tensor's elements, unless they are stored, and gives the source. */
  store(tensor: LazyTensor): Source;
  /** Stores what the tensor reads until its operator fits the limits. */
  keepWithinLimits(tensor: LazyTensor): void;
  /** State tensor `position` as it was before the step. */
  state(position: number): LazyTensor;
}

export interface FinishedParts {
  readonly operators: readonly ProgramOperator[];
  readonly constants: readonly ConstantTensor[];
  readonly words: readonly WordSource[];
}

export interface ProgramAssembly extends ProgramBuilder {
  /** Makes the state operator of tensor `position` from its next value. */
  assembleNext(position: number, next: LazyTensor): void;
  /** The number of the temporary that holds a tensor of one element. */
  resultOperator(tensor: LazyTensor, name: string): number;
  finish(): FinishedParts;
}

export interface ProgramBuilderParameters {
  readonly state: readonly (StateTensor & { readonly type: TensorType })[];
  readonly seed: number;
  readonly limits: LoweringLimits;
}

export function createProgramBuilder({ state, seed, limits }: ProgramBuilderParameters): ProgramAssembly {
  const temporaries: ProgramOperator[] = [];
  const outputs: Source[] = [];
  const known = new Map<string, Source>();
  const next: ProgramOperator[] = [];
  const structures = createStructures(limits);
  const constants: ConstantTensor[] = [];
  const constantData: WordSource[] = [];
  const stateTensors = state.map((tensor, position) =>
    storedTensor(
      { slot: { kind: 'state', index: position }, words: stateWords(tensor), dtype: tensor.dtype },
      tensor.shape,
      tensor.type,
    ),
  );

  const push = (operator: Operator, sources: readonly Source[], label: string): Source => {
    const slots = sources.map(({ slot }) => slot);
    const key = JSON.stringify([structures.keyOf(operator), slots]);
    const same = known.get(key);
    if (same !== undefined) return same;
    const source = sourceOf('temporary', temporaries.push({ operator, slots, label }) - 1, operator);
    known.set(key, source);
    outputs.push(source);
    return source;
  };

  const assembleWithin = (tensor: LazyTensor): AssembledOperator => {
    let assembled = assemble(tensor, store);
    while (!structures.fits(assembled.operator)) {
      const { host } = assembled;
      const bulky = host !== undefined && host !== tensor ? host : largestInput(tensor);
      if (bulky === undefined) throw tooLarge(tensor, assembled.operator);
      store(bulky);
      assembled = assemble(tensor, store);
    }
    return assembled;
  };
  const labelOf = (tensor: LazyTensor, host: LazyTensor | undefined): string =>
    host?.label ?? tensor.label ?? builder.label;

  const store = (tensor: LazyTensor): Source => {
    if (tensor.source !== undefined) return tensor.source;
    const { operator, sources, host } = assembleWithin(tensor);
    tensor.source = storedAlready(operator, sources) ?? push(operator, sources, labelOf(tensor, host));
    return tensor.source;
  };

  const builder: ProgramAssembly = {
    seed,
    limits,
    label: 'step',
    constant: (tensor, words) => {
      if (words.length !== constantWords(tensor)) throw new Error(`constant ${tensor.name} has the wrong length`);
      constantData.push(words);
      const position = constants.push(tensor) - 1;
      return { slot: { kind: 'constant', index: position }, words: words.length, dtype: tensor.dtype };
    },
    operator: (operator, sources, shape, dtype) => {
      if (elementCount({ shape }) !== outputWords(operator))
        throw new Error(`${operator.kind}: shape is not the output's`);
      return storedTensor(push(operator, sources, builder.label), shape, dtype);
    },
    store,
    keepWithinLimits: (tensor) => {
      while (!isWithinLimits(tensor, limits)) {
        const bulky = largestInput(tensor);
        if (bulky === undefined) return;
        store(bulky);
      }
    },
    state: (position) => stateTensors[position]!,
    assembleNext: (position, tensor) => {
      const { name, dtype } = state[position]!;
      const words = stateWords(state[position]!);
      const label = `${name}/next`;
      const assembled = tensor.source === undefined ? assembleWithin(tensor) : undefined;
      const whole = tensor.source ?? storedAlready(assembled!.operator, assembled!.sources);
      if (whole !== undefined) next.push({ operator: identityOperator(words, dtype), slots: [whole.slot], label });
      else next.push({ operator: assembled!.operator, slots: assembled!.sources.map(({ slot }) => slot), label });
    },
    resultOperator: (tensor, name) => {
      const source = store(tensor);
      if (source.slot.kind === 'temporary' && source.words === 1) return source.slot.index;
      const copy = identityOperator(1, scalarType(tensor.dtype));
      return push(copy, [source], name).slot.index;
    },
    finish: () => {
      if (temporaries.length === 0) addFiller(push, stateTensors);
      return { operators: [...temporaries, ...next], constants, words: constantData };
    },
  };
  return builder;
}

interface Structures {
  /** Equal for operators that differ at most in kind. */
  keyOf(operator: Operator): number;
  fits(operator: Operator): boolean;
}

/** Numbers the structures of operators: layers and time steps repeat them, and what one costs to check is paid once. */
function createStructures(limits: LoweringLimits): Structures {
  const numbers = new Map<string, number>();
  const known = new WeakMap<Operator, number>();
  const fitting = new Map<number, boolean>();
  const keyOf = (operator: Operator): number => {
    const own = known.get(operator);
    if (own !== undefined) return own;
    const { dtype, domain, reduction, operands, body } = operator;
    const text = JSON.stringify([dtype, domain, reduction, operands, body]);
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    known.set(operator, number);
    return number;
  };
  const fits = (operator: Operator): boolean => {
    const key = keyOf(operator);
    const fitted = fitting.get(key) ?? operatorFits(operator, limits);
    fitting.set(key, fitted);
    return fitted;
  };
  return { keyOf, fits };
}

function sourceOf(kind: SlotKind, position: number, operator: Operator): Source {
  return { slot: { kind, index: position }, words: outputWords(operator), dtype: operator.dtype };
}

/** The source whose copy an operator would be. */
function storedAlready({ body, domain, reduction, dtype }: Operator, sources: readonly Source[]): Source | undefined {
  const root = body.nodes[body.finish]!;
  const [source] = sources;
  if (root.op !== 'load' || reduction.length !== 0 || domain.length !== 1 || source === undefined) return undefined;
  const at = body.nodes[root.args[0]!]!;
  const inOrder = at.op === 'index' || (at.op === 'const' && at.imm === 0 && domain[0] === 1);
  return inOrder && source.words === domain[0] && source.dtype === dtype ? source : undefined;
}

/** Copies a tensor of `words` words. */
export function identityOperator(words: number, dtype: 'f32' | 'i32'): Operator {
  return defineOperator({
    kind: 'identity',
    domain: [words],
    operands: [{ dtype, words }],
    finish: load(0, index(0), dtype),
  });
}

/** The input (seen through views) with the longest expression that is not stored. */
function largestInput(tensor: LazyTensor): LazyTensor | undefined {
  const candidates = new Set<LazyTensor>();
  const collect = (input: LazyTensor): void => {
    if (input.source !== undefined || candidates.has(input)) return;
    if (input.kind === 'copy') input.inputs.forEach(collect);
    else candidates.add(input);
  };
  tensor.inputs.forEach(collect);
  let largest: LazyTensor | undefined;
  for (const candidate of candidates) {
    if (largest === undefined || nodeCount(candidate) > nodeCount(largest)) largest = candidate;
  }
  return largest;
}

/** A program has at least one temporary. */
function addFiller(push: (operator: Operator, sources: Source[], label: string) => Source, state: LazyTensor[]): void {
  const source = state[0]?.source;
  if (source === undefined || source.dtype === 'u8') throw new Error('a program needs a state');
  const { dtype, words } = source;
  const first = load(0, index(0), dtype);
  push(
    defineOperator({ kind: 'filler', domain: [1], operands: [{ dtype, words }], finish: first }),
    [source],
    'step/filler',
  );
}

function tooLarge(tensor: LazyTensor, operator: Operator): Error {
  return fail('lowering.operator-too-large', {
    label: tensor.label ?? tensor.kind,
    nodes: operator.body.nodes.length,
    operands: operator.operands.length,
  });
}
