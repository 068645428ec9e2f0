/** What a watcher tells while it goes on: a line for each thing that happens, and its outcome at the end. */
import type { ChainGame } from '../../../src/chain/games.js';
import type { GuardEvent } from '../../../src/chain/guard.js';
import type { GameOutcome } from '../../../src/chain/play.js';
import { EXIT_CODES, OUTCOME_CODES } from '../../../src/errors/index.js';
import type { Bundle } from '../../../src/job/bundle.js';
import type { Invocation } from '../../context.js';
import { span } from '../settle/text.js';
import { positionFacts, positionText } from './position-text.js';

/** Tells a person of events, and warns of what may cost a game. */
export function teller(invocation: Invocation, bundle: Bundle): (event: GuardEvent) => void {
  const { terminal, globals, warn, progress } = invocation;
  const say = (line: string): void => {
    if (!globals.json && !globals.quiet) terminal.message(line);
  };
  return (event) => {
    // What was under way (a transaction) is over, or a line would be written into its own.
    progress.end();
    switch (event.kind) {
      case 'position':
        return say(`game ${event.game.id}: ${stateText(event.game, bundle)}`);
      case 'sent':
        return say(`game ${event.game.id}: ${event.move}${'hash' in event.sent ? ` in ${event.sent.hash}` : ''}`);
      case 'clock-low':
        return warn(`game ${event.game.id}: ${event.side} has ${span(Math.max(0, event.seconds))} left`);
      case 'stuck':
        return warn(`game ${event.game.id}: no move to make: ${event.why}`);
      case 'again':
        return warn(`${event.reason} Reading the chain again.`);
      case 'claim':
        return say(`claim ${event.claim.id}: ${event.claim.status}, ${event.claim.open} open games`);
      case 'unseen': {
        const { id, open } = event.claim;
        return warn(`claim ${id} has ${open} open games, and the node tells of ${event.seen}: use another node`);
      }
      case 'given-up':
        return warn(`game ${event.gameId} is given up: ${event.reason}`);
      case 'finalized':
        return say(`finalized${'hash' in event.sent ? ` in ${event.sent.hash}` : ''}`);
    }
  };
}

/** Whose turn it is and what is disputed, or how it ended. */
export function stateText({ game }: ChainGame, bundle: Bundle): string {
  const place = positionText(positionFacts(game.context, bundle));
  if (game.status === 'live') return `${game.turn} to move; disputed: ${place}`;
  return `${endText(game)}; disputed: ${place}`;
}

const ENDS = {
  live: 'going on',
  'challenger-lost': 'the challenger lost',
  'claim-fell': 'the claim fell',
  frozen: 'another game brought the claim down',
} as const;

/** How a game ended. */
export function endText({ status, ending }: ChainGame['game']): string {
  return `${ENDS[status]}${ending === null ? '' : ` (${ending})`}`;
}

/** The exit code that a game's end means to a side. */
export function exitCodeOf({ result, isDeadlineMissed }: GameOutcome): number {
  if (isDeadlineMissed) return EXIT_CODES.deadline;
  return result === 'lost' ? OUTCOME_CODES.negativeVerdict : OUTCOME_CODES.done;
}
