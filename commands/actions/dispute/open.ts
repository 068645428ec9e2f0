/** The core of `gensyn dispute open`. */
import { parseEventLogs } from 'viem';
import { gameAbi } from '../../../contracts/generated/game.js';
import { readEvidence } from '../../../src/chain/evidence.js';
import { confirmEvidence, requireMatch, requireOpenable } from '../../../src/chain/evidence-check.js';
import { openCall } from '../../../src/chain/game-calls.js';
import { listGames } from '../../../src/chain/games.js';
import { type Market, type PostedClaim, type PostedJob, readClaim, readJob } from '../../../src/chain/market.js';
import { stakeQuote } from '../../../src/chain/quote.js';
import { mustBeSent } from '../../../src/chain/sender.js';
import type { Address } from '../../../src/chain/signer.js';
import { fail, OUTCOME_CODES } from '../../../src/errors/index.js';
import type { Opening } from '../../../src/game/open-game.js';
import type { Action, Invocation, Outcome } from '../../context.js';
import type { OpenOptions } from '../../dispute/play.js';
import { headOf, marketOf, senderOf } from '../settle/access.js';
import {
  agree,
  declined,
  dryRunOutcome,
  quoteDocument,
  quoteRows,
  requireBond,
  sentDocument,
  sentRows,
} from '../settle/stake.js';
import { ether } from '../settle/text.js';
import { facts } from '../table.js';
import { machineOf, openMaterial } from './player.js';
import { searchPosted } from './search.js';

interface Case {
  readonly claim: PostedClaim;
  readonly job: PostedJob;
  /** Null where there is nothing to dispute. */
  readonly opening: Omit<Opening, 'bond'> | null;
  readonly why: string;
}

export const open: Action<OpenOptions> = async (options, invocation) => {
  const market = await marketOf(options, invocation);
  const found = await (options.evidence === undefined ? searched : checked)(market, options, invocation);
  const { claim, job, opening, why } = found;
  if (opening === null) return nothing(claim.id, why);
  const { time } = await headOf(market.connection);
  requireOpenable(claim, job, opening, time);
  const sender = await senderOf(market.connection, options, invocation);
  await requireNoneOpen(market, claim.id, sender.address);
  const quote = await stakeQuote(market, 'challenger', job, time);
  requireBond(quote, options);
  const call = openCall(market, claim.id, job.jobHash, { ...opening, bond: quote.bond });
  const prepared = await sender.prepare(call);
  const rows = [...caseRows(found, opening), ...quoteRows(quote)];
  const about = { claim: claim.id, job: job.id, from: opening.i, to: opening.j, quote: quoteDocument(quote) };
  if (!(await agree(invocation, options, `Open a game with a bond of ${ether(quote.bond)}?`, rows))) return declined();
  if (options.dryRun === true) return dryRunOutcome([prepared], rows, about);
  const sent = mustBeSent(await sender.send(call));
  const [opened] = parseEventLogs({ abi: gameAbi, eventName: 'Opened', logs: [...sent.logs] });
  if (opened === undefined) throw new Error('the transaction that opened the game tells of no game');
  const { game } = opened.args;
  return {
    result: { state: 'sent', game, ...about, transactions: [sentDocument(sent)] },
    text: facts([['game', String(game)], ...caseRows(found, opening), ...sentRows(sent)]),
    next: `gensyn dispute watch --game ${game} --job ${options.job}${options.run === undefined ? '' : ` --run ${options.run}`}`,
  };
};

async function searched(market: Market, options: OpenOptions, invocation: Invocation): Promise<Case> {
  const material = await openMaterial(options, invocation);
  const { claim, job, finding } = await searchPosted(market, options.claim!, material, options, invocation);
  return { claim, job, opening: finding.opening, why: finding.why };
}

/** Evidence spares the search, and nothing else. */
async function checked(market: Market, options: OpenOptions, invocation: Invocation): Promise<Case> {
  const path = options.evidence!;
  const evidence = await readEvidence(path);
  const claim = await readClaim(market, evidence.claim);
  const job = await readJob(market, claim.job);
  requireMatch(evidence, market, claim, job, path);
  const { time } = await headOf(market.connection);
  requireOpenable(claim, job, evidence.opening, time);
  const { bundle, run } = await openMaterial(options, invocation);
  const machine = await machineOf(options);
  invocation.progress.phase('replaying what the evidence is about, twice');
  const decision = await confirmEvidence(evidence.opening, job, claim, run, { bundle, ...machine });
  if (decision.do === 'nothing') return { claim, job, opening: null, why: decision.why };
  return { claim, job, opening: decision.opening, why: 'two replays here confirm the evidence' };
}

/** A second game is a second bond for nothing: most often the first one's transaction was only lost sight of. */
async function requireNoneOpen(market: Market, claim: bigint, challenger: Address): Promise<void> {
  if ((await readClaim(market, claim)).open === 0) return;
  const open = (await listGames(market, { claim, challenger })).find(({ status }) => status === 'live');
  if (open !== undefined) throw fail('dispute.already-open', { account: challenger, claim, game: open.id });
}

function caseRows({ claim, job, why }: Case, { i, j }: Omit<Opening, 'bond'>) {
  const steps = (leaf: number): number => Math.min(leaf * 2 ** job.terms.checkpointLog2, job.terms.steps);
  return [
    ['claim', `${claim.id} of job ${job.id}`],
    ['disputed', `checkpoint ${j}, from checkpoint ${i}: training steps ${steps(i)} to ${steps(j)}`],
    ['because', why],
  ] as const;
}

function nothing(claim: bigint, why: string): Outcome {
  return {
    result: { state: 'nothing', claim, why },
    text: `Nothing was staked: ${why}.`,
    exitCode: OUTCOME_CODES.inconclusive,
  };
}
