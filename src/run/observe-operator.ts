/** What one operator of one training step reads and writes: the evidence for everything below the operator. */
import type { Executor, Words } from '../backends/backend.js';
import type { Hash } from '../commitments/hash.js';
import { blake3Words } from '../commitments/hasher.js';
import type { WordSource } from '../commitments/word-source.js';
import { type Program, temporaryCount } from '../program/program.js';
import { type Fault, flipping } from './fault.js';

export interface ObserveOperatorParameters {
  /** Stands before the training step; afterwards it stands behind it. */
  readonly executor: Executor;
  readonly program: Program;
  readonly constants: readonly WordSource[];
  readonly step: number;
  /** k, 0 … M+T−1. */
  readonly operator: number;
  readonly fault: Fault | null;
}

export interface ObservedOperator {
  /** The words of each operand, in order; a constant may lie in a file. */
  readonly operands: readonly WordSource[];
  readonly output: Words;
  /** BLAKE3 of the step's M temporaries. */
  readonly temporaryHashes: readonly Hash[];
  /** BLAKE3 of the T state tensors before the step. */
  readonly stateHashes: readonly Hash[];
}

/** Runs one training step and keeps what operator `k` sees. */
export async function observeOperator(parameters: ObserveOperatorParameters): Promise<ObservedOperator> {
  const { executor, program, constants, step, operator: k, fault } = parameters;
  const slots = program.operators[k]!.slots;
  const temporaries = temporaryCount(program);
  const state = await executor.readState();
  const wanted = new Set(
    slots
      .filter(({ kind }) => kind === 'temporary')
      .map(({ index }) => index)
      .concat(k),
  );
  const outputs = new Map<number, Words>();
  const temporaryHashes: Hash[] = [];
  const visit = flipping(fault?.step === step ? fault : null, (at, output) => {
    if (at < temporaries) temporaryHashes.push(blake3Words(output));
    if (wanted.has(at)) outputs.set(at, output.slice());
  });
  await executor.runObserved(step, visit);
  return {
    operands: slots.map(({ kind, index }) => {
      if (kind === 'temporary') return outputs.get(index)!;
      return kind === 'state' ? state[index]! : constants[index]!;
    }),
    output: outputs.get(k)!,
    temporaryHashes,
    stateHashes: state.map(blake3Words),
  };
}
