/** What the demo is played with: a job, a chain with a market, and a folder. All of it is gone afterwards, unless kept. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '../../../src/backends/backend.js';
import { DEFAULT_BACKEND, defaultThreads, loadCanonicalBackend } from '../../../src/backends/registry.js';
import { connect, request } from '../../../src/chain/connection.js';
import { type Devnet, startDevnet } from '../../../src/chain/devnet.js';
import { type Market, openMarket } from '../../../src/chain/market.js';
import { fail } from '../../../src/errors/index.js';
import { makeFolder } from '../../../src/files/atomic-file.js';
import { type Bundle, resealBundle } from '../../../src/job/bundle.js';
import { checkFault } from '../../../src/run/fault.js';
import type { Invocation } from '../../context.js';
import type { DemoOptions } from '../../demo.js';
import { packageFolder } from '../../version.js';
import { openJob } from '../open-job.js';
import { type Book, type Cast, createCast } from './cast.js';
import type { Story } from './story.js';

export interface Stage {
  /** Its progress is the story's. */
  readonly invocation: Invocation;
  readonly story: Story;
  readonly options: DemoOptions;
  readonly bundle: Bundle;
  readonly backend: Backend;
  readonly threads: number;
  readonly folder: string;
  readonly chain: Devnet;
  readonly market: Market;
  readonly cast: Cast;
  readonly book: Book;
}

/** Few steps tell the story as well as many. */
const MOST_STEPS = 256;
/** Intervals between checkpoints, at least; so that a sample can be smaller than the whole. */
const INTERVALS = 8;

/**
 * Sets the stage, plays, and clears it, however that ends.
 *
 * @throws `demo.folder-not-empty`, `demo.chain-ended`, `run.fault-out-of-range`, `chain.anvil-missing`, and what opening a
 *   job throws
 */
export async function onStage<Result>(
  options: DemoOptions,
  invocation: Invocation,
  story: Story,
  play: (stage: Stage) => Promise<Result>,
): Promise<Result> {
  const folder = await openFolder(options.keep);
  try {
    const threads = defaultThreads();
    const bundle = await jobOf(options, invocation);
    // Before anything is played: a mistake should not cost a training.
    if (options.fault !== undefined) checkFault(options.fault, bundle.program, bundle.steps);
    const backend = await loadCanonicalBackend(DEFAULT_BACKEND, threads);
    story.progress.phase('starting a local chain');
    return await onChain(join(folder, 'deployments.json'), invocation, async (parts) =>
      play({ ...parts, story, options, bundle, backend, threads, folder }),
    );
  } finally {
    if (options.keep === undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** Plays on a new chain. Players wait for a node that is lost, so that a chain that has ended must stop them. */
async function onChain<Result>(
  out: string,
  invocation: Invocation,
  play: (parts: Pick<Stage, 'invocation' | 'chain' | 'market' | 'cast' | 'book'>) => Promise<Result>,
): Promise<Result> {
  invocation.signal.throwIfAborted();
  const chain = await startDevnet({ port: 0, out, signal: invocation.signal });
  const lost = new AbortController();
  void chain.ended.then((reason) => lost.abort(fail('demo.chain-ended', { reason })));
  const signal = AbortSignal.any([invocation.signal, lost.signal]);
  try {
    const connection = await connect(chain.url, { patience: { milliseconds: 0, signal } });
    const market = await openMarket(connection, out);
    const book: Book = new Map();
    const cast = await createCast(connection, invocation.io, book);
    return await play({ invocation: { ...invocation, signal }, chain, market, cast, book });
  } catch (error) {
    throw lost.signal.aborted ? lost.signal.reason : error;
  } finally {
    await chain.stop();
  }
}

/** Lets seconds pass on the chain, and on no other clock. */
export async function passTime({ market: { connection } }: Stage, seconds: number): Promise<void> {
  await request(connection, 'evm_increaseTime', [seconds]);
  await request(connection, 'evm_mine');
}

/** The job, cut to a number of steps and of intervals that suit a demo. */
async function jobOf({ job, steps: wanted }: DemoOptions, invocation: Invocation): Promise<Bundle> {
  const path = job ?? join(packageFolder(), 'fixtures', 'jobs', 'fashion-mlp.json');
  const bundle = await openJob(path, wanted === undefined ? {} : { steps: wanted }, invocation);
  const steps = wanted ?? Math.min(bundle.steps, MOST_STEPS);
  const checkpointEvery = 2 ** Math.max(0, Math.floor(Math.log2(steps / INTERVALS)));
  return resealBundle(bundle, { steps, checkpointEvery });
}

/** @throws `demo.folder-not-empty`, `run.not-writable`, `run.not-a-folder` */
async function openFolder(keep: string | undefined): Promise<string> {
  if (keep === undefined) return mkdtemp(join(tmpdir(), 'gensyn-demo-'));
  await makeFolder(keep);
  const [name] = await readdir(keep);
  if (name !== undefined) throw fail('demo.folder-not-empty', { path: keep, name });
  return keep;
}
