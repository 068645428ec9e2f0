/** The second chapter: a solver flips one bit and claims; a verifier finds it, and stakes a bond on it. */
import { join } from 'node:path';
import { parseEventLogs } from 'viem';
import { gameAbi } from '../../../contracts/generated/game.js';
import { writeEvidence } from '../../../src/chain/evidence.js';
import type { Finding } from '../../../src/chain/evidence-search.js';
import { openCall } from '../../../src/chain/game-calls.js';
import type { PostedClaim, PostedJob } from '../../../src/chain/market.js';
import { stakeQuote } from '../../../src/chain/quote.js';
import { equalHashes, type Hash } from '../../../src/commitments/hash.js';
import { keccak256 } from '../../../src/commitments/keccak.js';
import { fail } from '../../../src/errors/index.js';
import type { Opening } from '../../../src/game/open-game.js';
import type { Fault } from '../../../src/run/fault.js';
import type { LoadedRun } from '../../../src/verify/load-run.js';
import { allIntervals, detectionProbability, sampleIntervals } from '../../../src/verify/sampling.js';
import { searchPosted } from '../dispute/search.js';
import { headOf } from '../settle/access.js';
import { ether } from '../settle/text.js';
import { sent } from './cast.js';
import { chooseFault } from './fault-place.js';
import { claim, post, type Trained, take, trained } from './market-steps.js';
import type { Stage } from './stage.js';

/** A cheat that was claimed, found, and is now disputed. */
export interface Caught {
  readonly fault: Fault;
  readonly cheat: Trained;
  readonly job: PostedJob;
  readonly claim: PostedClaim;
  readonly solverBond: bigint;
  readonly draw: Draw;
  readonly finding: Finding;
  readonly game: bigint;
  readonly challengerBond: bigint;
}

/** What the verifier replays. */
export interface Draw {
  readonly intervals: readonly number[];
  readonly of: number;
  /** Public randomness; null where everything is replayed. */
  readonly beacon: Uint8Array | null;
}

const SAMPLE = 3;

/** Plays the chapter. @throws `run.fault-out-of-range`, `demo.fault-without-effect` */
export async function cheatChapter(stage: Stage, honest: LoadedRun): Promise<Caught> {
  const { story, options, invocation } = stage;
  story.chapter('2  A solver cheats, and is found');
  const fault = options.fault ?? (await chooseFault(stage, honest));
  const job = await post(stage);
  const solverBond = await take(stage, 'cheat', job);
  const began = invocation.io.now();
  const cheat = await trained(stage, 'cheat', fault);
  const from = requireEffect(fault, honest, cheat.run);
  const where = `trains it, and flips one bit in training step ${fault.step}:`;
  story.tell('cheat', where, { ms: invocation.io.now() - began });
  story.tell('', faultText(stage, fault));
  const made = await claim(stage, 'cheat', job, cheat.run);
  const found = await verification(stage, made, cheat.run, from);
  const opened = await openGame(stage, job, made, found.finding.opening!);
  return { fault, cheat, job, claim: made, solverBond, ...found, ...opened };
}

/** Where in its step a fault is, in the words of the program. */
function faultText({ bundle }: Stage, { operator, element, bit }: Fault): string {
  const { operator: definition, label } = bundle.program.operators[operator]!;
  return `bit ${bit} of element ${element} of operator ${operator} (${definition.kind}, ${label})`;
}

/** The first interval that a fault has changed. @throws `demo.fault-without-effect` */
function requireEffect(fault: Fault, honest: LoadedRun, cheat: LoadedRun): number {
  const leaf = honest.leaves.findIndex((root, at) => !equalHashes(root, cheat.leaves[at]!));
  if (leaf > 0) return leaf - 1;
  throw fail('demo.fault-without-effect', { ...fault, checkpoints: honest.leaves.length });
}

/** The verifier knows neither that there is a cheat nor where: only the beacon of the draw is the demo's choice. */
async function verification(stage: Stage, { id, traceRoot }: PostedClaim, run: LoadedRun, wrong: number) {
  const { bundle, market, story, threads, invocation, options, folder, chain } = stage;
  const of = run.leaves.length - 1;
  const draw = options.full === true ? fullDraw(of) : luckyDraw(of, options.sample ?? SAMPLE, traceRoot, wrong);
  const began = invocation.io.now();
  const choose = (): readonly number[] => draw.intervals;
  const { finding, job } = await searchPosted(market, id, { bundle, run }, { threads }, invocation, choose);
  invocation.signal.throwIfAborted();
  if (finding.opening === null) throw new Error(`the verifier does not find the fault: ${finding.why}`);
  story.tell('verifier', drawText(draw), { ms: invocation.io.now() - began });
  if (draw.intervals.length < of) story.tell('', oddsText(draw));
  const { i, j } = finding.opening;
  const steps = `${i * bundle.checkpointEvery} to ${Math.min(j * bundle.checkpointEvery, bundle.steps) - 1}`;
  story.tell('verifier', `finds other bits in training steps ${steps}, the same in three replays`);
  const { address: game } = market;
  const evidence = { game, claim: id, job: job.id, jobHash: job.jobHash, replays: finding.replays };
  const path = join(folder, `evidence-${id}.json`);
  await writeEvidence(path, { ...evidence, chainId: chain.chainId, opening: finding.opening });
  return { draw, finding };
}

function fullDraw(of: number): Draw {
  return { intervals: allIntervals(of), of, beacon: null };
}

/** The first of a row of beacons whose sample holds an interval: real beacons are nobody's choice. */
function luckyDraw(of: number, size: number, traceRoot: Hash, wanted: number): Draw {
  for (let attempt = 0; ; attempt++) {
    const beacon = keccak256(new TextEncoder().encode(`gensyn demo ${attempt}`));
    const intervals = sampleIntervals(of, size, traceRoot, beacon);
    if (intervals.includes(wanted)) return { intervals, of, beacon };
  }
}

function drawText({ intervals, of, beacon }: Draw): string {
  if (beacon === null) return `replays all ${of} intervals between checkpoints`;
  return `replays ${intervals.length} of ${of} intervals, drawn by a beacon: ${intervals.join(', ')}`;
}

function oddsText({ intervals, of }: Draw): string {
  const percent = Math.round(100 * detectionProbability(of, intervals.length, 1));
  return `(a beacon finds it with probability ${percent} %; the demo chose one that does)`;
}

async function openGame(stage: Stage, job: PostedJob, { id }: PostedClaim, opening: Omit<Opening, 'bond'>) {
  const { market, cast, book, story } = stage;
  const { time } = await headOf(market.connection);
  const { bond } = await stakeQuote(market, 'challenger', job, time);
  const call = openCall(market, id, job.jobHash, { ...opening, bond });
  const { sent: opened } = await sent(cast.verifier, call, book);
  const [event] = parseEventLogs({ abi: gameAbi, eventName: 'Opened', logs: [...opened.logs] });
  if (event === undefined) throw new Error('the transaction that opened the game tells of no game');
  story.tell('verifier', `stakes ${ether(bond)} on it, and opens game ${event.args.game}`);
  return { game: event.args.game, challengerBond: bond };
}
