/** Ways to play that are about time and not about what is said. */
import type { Performer } from './stage.js';

/** Never moves. */
export const silent: Performer = async () => ({ do: 'nothing', why: 'asleep' });

/** Spends so many seconds of its clock on each move. */
export function evenly(inner: Performer, seconds: number): Performer {
  return async (game, now) => ({ ...(await inner(game, now)), at: game.last + seconds });
}

/** Makes each move in the last second in which it is allowed, while there is one. */
export function untilTheLastSecond(inner: Performer): Performer {
  return async (game, now) => {
    const last = game.last + game.left[game.turn];
    return now > last ? silent(game, now) : { ...(await inner(game, now)), at: last };
  };
}
