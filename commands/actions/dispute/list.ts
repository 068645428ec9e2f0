/** The core of `gensyn dispute list`. */
import { type GameSummary, listGames } from '../../../src/chain/games.js';
import { toHex } from '../../../src/commitments/hash.js';
import type { Action } from '../../context.js';
import type { ListOptions } from '../../dispute/look.js';
import { addressOf, marketOf } from '../settle/access.js';
import { ether, span } from '../settle/text.js';
import { table } from '../table.js';

export const list: Action<ListOptions> = async (options, invocation) => {
  const market = await marketOf(options, invocation);
  const { claim, challenger } = options;
  const games = await listGames(market, {
    ...(claim === undefined ? {} : { claim }),
    ...(challenger === undefined ? {} : { challenger: addressOf('--challenger', challenger) }),
  });
  const head = ['game', 'claim', 'challenger', 'state', 'bond', 'solver has', 'challenger has'];
  return {
    result: { games: games.map(summaryDocument) },
    text: games.length === 0 ? 'No games.' : table(head, games.map(row)),
  };
};

/** A game's stored state for scripts. Clocks are in seconds, as of the last move. */
export function summaryDocument({ h, ...rest }: GameSummary) {
  return { ...rest, h: toHex(h) };
}

function row({ id, claim, challenger, bond, left, ...game }: GameSummary): string[] {
  const clocks = [span(left.solver), span(left.challenger)];
  return [String(id), String(claim), challenger, summaryText(game), ether(bond), ...clocks];
}

/** A game's state in two or three words. */
export function summaryText({
  status,
  turn,
  isCollected,
}: Pick<GameSummary, 'status' | 'turn' | 'isCollected'>): string {
  if (status === 'live') return `${turn} to move`;
  if (status === 'challenger-lost') return 'challenger lost';
  return isCollected ? 'claim fell, collected' : 'claim fell';
}
