/** Opening games for tests: by the evidence, or without a case. */

import { loadBackend } from '../../../src/backends/registry.js';
import { claimOf } from '../../../src/chain/evidence-check.js';
import { searchClaim } from '../../../src/chain/evidence-search.js';
import { openCall } from '../../../src/chain/game-calls.js';
import { listGames, rulesOfJob } from '../../../src/chain/games.js';
import { type Market, readClaim, readJob } from '../../../src/chain/market.js';
import { stakeQuote } from '../../../src/chain/quote.js';
import { mustBeSent, type Sender } from '../../../src/chain/sender.js';
import type { Opening } from '../../../src/game/open-game.js';
import type { Stage, TrainedRun } from './stage.js';

/** What an honest verifier finds in a claim. */
export async function searched({ market, bundle }: Stage, claimId: bigint, run: TrainedRun | null) {
  const claim = await readClaim(market, claimId);
  const rules = rulesOfJob(await readJob(market, claim.job));
  const backend = await loadBackend('wasm');
  return searchClaim({ bundle, rules, claim: claimOf(claim), run: run?.run ?? null, backend, threads: 1 });
}

/** Opens a game and gives its number. */
export async function openedGame(
  market: Market,
  sender: Sender,
  claimId: bigint,
  opening: Omit<Opening, 'bond'>,
): Promise<bigint> {
  const job = await readJob(market, (await readClaim(market, claimId)).job);
  const { bond } = await stakeQuote(market, 'challenger', job);
  mustBeSent(await sender.send(openCall(market, claimId, job.jobHash, { ...opening, bond })));
  const games = await listGames(market, { claim: claimId, challenger: sender.address });
  return games.at(-1)!.id;
}

/** Over the whole run, whatever there is to say against it. */
export function wholeRun({ run, finalRoot }: TrainedRun): Omit<Opening, 'bond'> {
  return { i: 0, leafI: run.leaves[0]!, pathI: [], j: run.leaves.length - 1, leafJ: finalRoot, pathJ: [] };
}
