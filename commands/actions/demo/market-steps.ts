/** What clients and solvers do on the market, as steps of the story: the calls that `gensyn settle` sends. */
import { parseEther } from 'viem';
import { type PostedClaim, type PostedJob, readClaim, readCounts, readJob } from '../../../src/chain/market.js';
import { claimCall, postCall, takeCall } from '../../../src/chain/market-calls.js';
import { stakeQuote } from '../../../src/chain/quote.js';
import { ETHER, type Terms } from '../../../src/chain/terms.js';
import { type Hash, toHex } from '../../../src/commitments/hash.js';
import type { Bundle } from '../../../src/job/bundle.js';
import type { Fault } from '../../../src/run/fault.js';
import { type TrainResult, train } from '../../../src/run/train.js';
import { type LoadedRun, loadRun } from '../../../src/verify/load-run.js';
import { packageVersion } from '../../version.js';
import { headOf } from '../settle/access.js';
import { rootsOf } from '../settle/check-run.js';
import { ether } from '../settle/text.js';
import { type Role, sent } from './cast.js';
import type { Stage } from './stage.js';

export const REWARD = parseEther('1');
const MIN_BOND = parseEther('2');
/** Seconds. */
export const WINDOW = 3600;
const [CLOCK, TRAIN_TIME, OPEN_FOR] = [1800, 3600, 3600];

/** A finished training. */
export interface Trained {
  readonly run: LoadedRun;
  readonly result: TrainResult;
}

/** The client offers the job. */
export async function post(stage: Stage): Promise<PostedJob> {
  const { bundle, market, cast, book, story } = stage;
  const { time } = await headOf(market.connection);
  const { entry } = await sent(cast.client, postCall(market, termsOf(bundle, time)), book);
  const job = await readJob(market, (await readCounts(market)).jobs);
  const what = `posts job ${job.id}: ${ether(REWARD)} for ${bundle.steps} training steps of ${bundle.name}`;
  story.tell('client', what, entry);
  return job;
}

/** A solver takes the job, with the bond that a quote asks for. */
export async function take(stage: Stage, role: Role, job: PostedJob): Promise<bigint> {
  const { market, cast, book, story } = stage;
  const { time } = await headOf(market.connection);
  const { bond } = await stakeQuote(market, 'solver', job, time);
  const { entry } = await sent(cast[role], takeCall(market, job, bond), book);
  story.tell(role, `takes job ${job.id} with a bond of ${ether(bond)}`, entry);
  return bond;
}

/** Trains the job into a folder of the stage. @param fault - the cheat's drill */
export async function trained(stage: Stage, name: string, fault: Fault | null): Promise<Trained> {
  const { bundle, backend, threads, folder, invocation, story } = stage;
  const { signal } = invocation;
  story.progress.phase(`training ${bundle.name}`);
  const result = await train({
    ...{ bundle, directory: `${folder}/${name}`, backend, threads, keep: 'all', fault, version: packageVersion() },
    ...{ signal, onProgress: ({ step, steps }) => story.progress.update(step, steps) },
  });
  signal.throwIfAborted();
  return { run: await loadRun(result.run, bundle), result };
}

/** A solver claims what his run says, right or not: the contract cannot know. */
export async function claim(stage: Stage, role: Role, job: PostedJob, run: LoadedRun): Promise<PostedClaim> {
  const { market, cast, book, story } = stage;
  const { finalRoot, traceRoot } = rootsOf(run);
  const { entry } = await sent(cast[role], claimCall(market, job.id, finalRoot, traceRoot), book);
  const posted = await readClaim(market, (await readCounts(market)).claims);
  story.tell(role, `claims the state ${short(finalRoot)} (claim ${posted.id})`, entry);
  return posted;
}

/** How good a model came out: the last step's numbers, and the accuracy on examples it has not seen. */
export function trainingText({ results, evaluation, steps, stepsPerSecond }: TrainResult): string {
  const { loss } = results;
  const numbers = [`${Math.round(stepsPerSecond)} steps/s`];
  if (typeof loss === 'number') numbers.push(`loss ${loss.toPrecision(4)}`);
  if (evaluation?.accuracy != null) numbers.push(`test accuracy ${(100 * evaluation.accuracy).toFixed(1)} %`);
  return `${steps} steps: ${numbers.join(', ')}`;
}

/** The first and the last digits of a hash. */
function short(hash: Hash): string {
  const text = toHex(hash);
  return `${text.slice(0, 10)}…${text.slice(-4)}`;
}

function termsOf({ hashes, steps, checkpointEvery }: Bundle, now: number): Terms {
  return {
    ...{ program: hashes.program, genesis: hashes.genesisRoot, steps, checkpointLog2: Math.log2(checkpointEvery) },
    ...{ token: ETHER, reward: REWARD, minBond: MIN_BOND },
    ...{ window: WINDOW, clock: CLOCK, trainTime: TRAIN_TIME, openUntil: now + OPEN_FOR },
  };
}
