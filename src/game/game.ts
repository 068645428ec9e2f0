/** A game and its moves. Every name is the protocol's; the contract has the same functions and errors (docs/game.md). */
import type { Hash, Hex } from '../commitments/hash.js';
import type { StepRefusal } from '../program/execute-step.js';
import type { OperatorRecord, ProgramRecord } from '../program/hash.js';
import type { OperandProof } from '../program/step-proof.js';
import type { Context } from './context.js';
import type { RevealedNode } from './revealed-nodes.js';

export type Side = 'solver' | 'challenger';

/** Who sends a move: one of the two, or somebody else. */
export type Sender = Side | 'other';

/** What the job fixes. */
export interface GameRules {
  readonly programHash: Hash;
  readonly genesisRoot: Hash;
  /** S. */
  readonly steps: number;
  /** E, a power of two. */
  readonly checkpointEvery: number;
  /** Seconds that each side has in all. */
  readonly clock: number;
}

export type GameStatus = 'live' | 'challenger-lost' | 'claim-fell' | 'frozen';

/** How a game came to its end. */
export type Ending = 'timeout' | 'refuted' | 'proved';

export interface Game {
  readonly rules: GameRules;
  readonly status: GameStatus;
  /** `null` while it is live, and where another game of the claim ended it. */
  readonly ending: Ending | null;
  /** The side on move, whose clock runs. */
  readonly turn: Side;
  /** Seconds that each side has left. */
  readonly left: Readonly<Record<Side, number>>;
  /** When the last move was made. */
  readonly last: number;
  /** The challenger's moves so far, `open` included. */
  readonly moves: number;
  /** All that a contract stores of the two fields below. */
  readonly h: Hash;
  /** What players read from the moves made so far. */
  readonly context: Context;
  /** The solver's list that the challenger has to answer; empty on the solver's turn. */
  readonly list: readonly Hash[];
  /** Nodes of the disputed step's tree of temporaries, as the solver's lists gave them. */
  readonly revealed: readonly RevealedNode[];
}

/** At the end of RUN: the program, whose temporaries are listed next. */
export interface StepAid {
  readonly enters: 'step';
  readonly program: ProgramRecord;
}

/** At the end of OPS: the operator, opened in the tree `ops` of the program. */
export interface OperatorAid {
  readonly enters: 'operator';
  readonly program: ProgramRecord;
  readonly operator: OperatorRecord;
  readonly path: readonly Hash[];
}

/** In WORD: the operator, and the machine state after the element's last instruction (132 bytes). */
export interface ElementAid {
  readonly enters: 'element';
  readonly operator: OperatorRecord;
  readonly final: Uint8Array;
}

/** What the solver adds to a list where a level begins. */
export type RevealAid = { readonly enters: 'nothing' } | StepAid | OperatorAid | ElementAid;

export interface RevealMove {
  readonly kind: 'reveal';
  readonly from: Sender;
  readonly context: Context;
  readonly list: readonly Hash[];
  readonly aid: RevealAid;
}

export interface SelectMove {
  readonly kind: 'select';
  readonly from: Sender;
  readonly context: Context;
  readonly list: readonly Hash[];
  readonly index: number;
}

export interface RefuteMove {
  readonly kind: 'refute';
  readonly from: Sender;
  readonly context: Context;
  readonly list: readonly Hash[];
}

export interface ProveMove {
  readonly kind: 'prove';
  readonly from: Sender;
  readonly context: Context;
  readonly operator: OperatorRecord;
  readonly state: Uint8Array;
  readonly code: Uint8Array;
  readonly operand: OperandProof;
}

export interface TimeoutMove {
  readonly kind: 'timeout';
  readonly from: Sender;
}

export type Move = RevealMove | SelectMove | RefuteMove | ProveMove | TimeoutMove;

/** Names of the contract's errors, and `Malformed` for what no calldata can be decoded to. */
export type RefusalCode =
  | 'NotLive'
  | 'WrongTurn'
  | 'WrongSender'
  | 'Late'
  | 'Stale'
  | 'WrongPhase'
  | 'BadIndex'
  | 'WrongEntryCount'
  | 'BadProof'
  | 'WrongValue'
  | 'Folds'
  | 'TooEarly'
  | 'Window'
  | 'Bond'
  | 'Malformed'
  | StepRefusal;

/** Why a move is refused, with both sides where there are two. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly have?: number | string | Hex;
  readonly want?: number | string | Hex;
}

export type MoveResult = { readonly game: Game } | { readonly refused: Refusal };
