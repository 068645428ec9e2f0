/** A local market for the tests of a file, with a compiled job and a run of it. */
import { afterAll, beforeAll } from '@jest/globals';
import { type Connection, connect, request } from '../../../src/chain/connection.js';
import { type Devnet, startDevnet } from '../../../src/chain/devnet.js';
import { type Market, openMarket } from '../../../src/chain/market.js';
import { createSender, type Sender } from '../../../src/chain/sender.js';
import { unlockedSigner } from '../../../src/chain/signer.js';
import { type Document, type Ended, gensyn } from '../../e2e/support/gensyn.js';
import { runHereJson } from '../../e2e/support/in-process.js';
import { writeJob } from '../../e2e/support/jobs.js';
import { temporaryFolder } from '../../run/support/temporary-folder.js';

export type Answer = Document & { readonly exitCode: number };

export interface World {
  readonly chain: Devnet;
  readonly connection: Connection;
  readonly market: Market;
  /** Folder of the compiled job: 40 training steps, 5 intervals. */
  readonly bundle: string;
  /** Path of the record of deployments. */
  readonly record: string;
  path(name: string): string;
  ask(method: string, ...params: unknown[]): Promise<unknown>;
  /** Lets so many seconds pass on the chain. */
  pass(seconds: number): Promise<void>;
  sender(account: number): Promise<Sender>;
  nonce(account: number): Promise<number>;
  balance(account: number): Promise<bigint>;
  /** `gensyn settle …` in this process, on this market. */
  settle(line: string): Promise<Answer>;
  /** `gensyn settle …` as a process of its own, on this market. */
  settleAlone(line: string): Promise<Ended>;
}

interface Parts {
  chain: Devnet;
  connection: Connection;
  market: Market;
  record: string;
  bundle: string;
}

/** Starts it before the tests of a file and stops it after them. */
export function settleWorld(): World {
  const folder = temporaryFolder();
  const parts = {} as Parts;
  beforeAll(async () => {
    parts.record = folder.path('31337.json');
    parts.chain = await startDevnet({ out: parts.record });
    parts.connection = await connect(parts.chain.url);
    parts.market = await openMarket(parts.connection, parts.record);
    parts.bundle = folder.path('job');
    const compiled = await runHereJson(['compile', writeJob(folder.path('job.json')), '--out', parts.bundle]);
    if (!compiled.ok) throw new Error(compiled.error?.message);
  });
  afterAll(() => parts.chain.stop());
  const words = (line: string) => {
    return ['settle', ...line.split(' '), '--rpc-url', parts.chain.url, '--deployments', parts.record];
  };
  // The parts are there only once the tests run.
  return Object.assign(Object.create(parts) as Parts, {
    path: (name: string) => folder.path(name),
    settle: (line: string) => runHereJson(words(line)),
    settleAlone: (line: string) => gensyn(words(line)),
    ...chainOf(parts),
  });
}

/** What tests look at and change on the chain itself. */
function chainOf(parts: Parts) {
  const ask = (method: string, ...params: unknown[]) => request(parts.connection, method, params);
  const address = (account: number) => parts.chain.accounts[account]!.address;
  return {
    ask,
    pass: async (seconds: number) => {
      await ask('evm_increaseTime', seconds);
      await ask('evm_mine');
    },
    sender: async (account: number) => {
      const signer = await unlockedSigner(parts.connection, String(account));
      return createSender({ connection: parts.connection, signer, pollingMilliseconds: 20 });
    },
    nonce: (account: number) => parts.connection.client.getTransactionCount({ address: address(account) }),
    balance: (account: number) => parts.connection.client.getBalance({ address: address(account) }),
  };
}

/** The document of a process that was given `--json`. */
export function documentOf({ exitCode, stdout, stderr }: Ended): Answer {
  try {
    return { ...(JSON.parse(stdout) as Document), exitCode };
  } catch {
    throw new Error(`exit code ${exitCode}, and no document:\n${stdout}\n${stderr}`);
  }
}

/** Posts the job of the world; gives its number. */
export async function posted(world: World, options = '--reward 1'): Promise<string> {
  return must(await world.settle(`post ${world.bundle} --unlocked 1 --yes ${options}`)).job;
}

/** The result of a command that must have worked. */
export function must({ exitCode, result, error }: Answer): Answer['result'] {
  if (exitCode !== 0) throw new Error(`it ended with ${exitCode}: ${error?.code} ${error?.message}`);
  return result;
}

/** Trains the job of the world in this process; gives the folder of the run. */
export async function trainedRun(world: World, ...options: string[]): Promise<string> {
  const out = world.path('run');
  must(await runHereJson(['train', world.bundle, '--out', out, '--threads', '1', ...options]));
  return out;
}

/** The settings under which a small job has terms without doubts. */
export const CALM = '--window 6h --clock 3h --train-time 1h';
