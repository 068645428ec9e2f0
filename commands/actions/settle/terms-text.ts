/** The terms of a job, for people and for scripts. */
import type { Terms } from '../../../src/chain/terms.js';
import type { Token } from '../../../src/chain/token.js';
import { toHex } from '../../../src/commitments/hash.js';
import { ether, moment, span, tokens } from './text.js';

/** Terms as rows of text. @param now - Unix time in seconds */
export function termRows(terms: Terms, token: Token, now: number): readonly (readonly [string, string])[] {
  return [
    ['reward', tokens(terms.reward, token)],
    ['least bond', ether(terms.minBond)],
    ['steps', `${terms.steps}, a checkpoint every ${2 ** terms.checkpointLog2}`],
    ['open until', moment(terms.openUntil, now)],
    ['time to train', span(terms.trainTime)],
    ['window', span(terms.window)],
    ['clock', span(terms.clock)],
  ];
}

/** Terms as a part of a result. */
export function termsDocument(terms: Terms) {
  const { token, reward, minBond, steps, trainTime, window, clock, openUntil } = terms;
  return {
    programHash: toHex(terms.program),
    genesisRoot: toHex(terms.genesis),
    steps,
    checkpointEvery: 2 ** terms.checkpointLog2,
    token,
    reward,
    minBond,
    trainTime,
    window,
    clock,
    openUntil,
  };
}
