/** A dispute as a tree that narrows to one node: a line for each move, and a bar of what is left. */
import { CHUNK_WORDS } from '../../../src/commitments/tensor-tree.js';
import { outputWords } from '../../../src/expr/operator.js';
import type { Bundle } from '../../../src/job/bundle.js';
import { type PositionFacts, positionText } from '../dispute/position-text.js';
import type { DemoMove } from './move-log.js';
import type { Story } from './story.js';

const BAR_WIDTH = 12;

/** Tells moves as they come. */
export class Tree {
  readonly #story: Story;
  readonly #bundle: Bundle;
  /** Binary digits of what was disputed at first. */
  #whole = 0;
  #depth = 0;

  constructor(story: Story, bundle: Bundle) {
    this.#story = story;
    this.#bundle = bundle;
  }

  tell(move: DemoMove): void {
    const { green, dim } = this.#story.look;
    if (move.move === 'open') this.#whole = digits(move.instructionsLeft);
    if (move.move === 'reveal') {
      this.#story.tell(move.by, dim(`${' '.repeat(BAR_WIDTH + 5)} ${this.#branch(move)}`), move);
      return;
    }
    const left = digits(move.instructionsLeft);
    const power = `2^${left}`.padEnd(5);
    const filled = this.#whole === 0 ? 1 : 1 + Math.round(((BAR_WIDTH - 1) * left) / this.#whole);
    const bar = `${green('━'.repeat(filled))}${dim('─'.repeat(BAR_WIDTH - filled))}`;
    this.#story.tell(move.by, `${dim(power)}${bar} ${this.#branch(move)}`, move);
  }

  #branch(move: DemoMove): string {
    const { green, dim } = this.#story.look;
    const indent = ' '.repeat(Math.max(0, this.#depth - 1));
    switch (move.move) {
      case 'open':
        this.#depth = 1;
        return `${dim('┬')} ${this.#place(move.position)}`;
      case 'select':
        this.#depth++;
        return `${indent}${dim('└┬')} ${this.#place(move.position)}`;
      case 'reveal':
        return `${indent}│ ${revealText(move)}`;
      default:
        return `${indent}${dim('└')}${green('●')} ${END_TEXT[move.move]}`;
    }
  }

  #place(facts: PositionFacts): string {
    if (facts.level !== 'tensor' || facts.operator === undefined) return positionText(facts);
    const words = outputWords(this.#bundle.program.operators[facts.operator.index]!.operator);
    const end = Math.min(words, CHUNK_WORDS * (facts.first + facts.count));
    return `elements ${CHUNK_WORDS * facts.first} to ${end - 1}`;
  }
}

const END_TEXT = {
  prove: 'the contract executes it',
  refute: 'the contract folds the list, which is another one',
  timeout: 'the time of the other side is up',
} as const;

function revealText({ phase, entries = 0 }: DemoMove): string {
  const count = (one: string, many: string): string => `${entries} ${entries === 1 ? one : many}`;
  switch (phase) {
    case 'run':
      return count('state root', 'state roots');
    case 'step':
      return `${count('hash', 'hashes')} over the outputs of the step`;
    case 'ops':
      return `${count('hash', 'hashes')} below`;
    case 'tensor':
      return `${count('entry', 'entries')} of its output`;
    default:
      return entries === 0 ? 'the last state of the machine' : count('state of the machine', 'states of the machine');
  }
}

/** Binary digits after the first. */
function digits(value: bigint): number {
  return value.toString(2).length - 1;
}
