/**
 * What a player asks of an execution of the job. Everything is lazy: only the segment, the training step, the operator and
 * the element that a dispute comes to are ever computed.
 */

import type { Words } from '../backends/backend.js';
import type { Hash } from '../commitments/hash.js';
import { blake3Words } from '../commitments/hasher.js';
import type { WordSource } from '../commitments/word-source.js';
import type { Bundle } from '../job/bundle.js';
import type { ElementStates } from '../program/element-states.js';
import { operatorLeaves, programRecord } from '../program/hash.js';
import type { GameRules } from './game.js';

/** One operator of one training step. */
export interface OperatorPlace {
  readonly step: number;
  /** k, 0 … M+T−1. */
  readonly operator: number;
}

export interface ElementPlace extends OperatorPlace {
  readonly element: number;
}

/** One side's execution. A training step `s` leads from state `s` to state `s + 1`; state 0 is the genesis. */
export interface Execution {
  readonly bundle: Bundle;
  /** The roots of some states, asked for in ascending order. */
  stateRootsAt(states: readonly number[]): Promise<Hash[]>;
  /** BLAKE3 of the T tensors of a state. */
  stateHashes(state: number): Promise<readonly Hash[]>;
  /** BLAKE3 of the M temporaries of a training step. */
  temporaryHashes(step: number): Promise<readonly Hash[]>;
  /** The output of an operator. */
  tensorWords(place: OperatorPlace): Promise<Words>;
  /** The words of each operand of an operator, in order; a constant may lie in a file. */
  operandsOf(place: OperatorPlace): Promise<readonly WordSource[]>;
  /** The machine states of an element. */
  elementStates(place: ElementPlace): Promise<ElementStates>;
}

/** What the bundle's job fixes for its games. */
export function rulesOf({ hashes, steps, checkpointEvery }: Bundle, clock: number): GameRules {
  return { programHash: hashes.program, genesisRoot: hashes.genesisRoot, steps, checkpointEvery, clock };
}

/** The struct `Program` of a bundle, and the leaves under its `ops`; computed once. */
export function boundProgramOf(bundle: Bundle) {
  const known = boundPrograms.get(bundle);
  if (known !== undefined) return known;
  const { program, hashes } = bundle;
  const made = { record: programRecord(program, hashes.constants), leaves: operatorLeaves(program) };
  boundPrograms.set(bundle, made);
  return made;
}

const boundPrograms = new WeakMap<Bundle, { record: ReturnType<typeof programRecord>; leaves: readonly Hash[] }>();

/** Hashes of some tensors. */
export function hashesOf(tensors: readonly Words[]): Hash[] {
  return tensors.map((words) => blake3Words(words));
}
