/** A local chain with a market, an Iris job, an honest run of it and one with a fault: what disputes are played with. */
import { afterAll, beforeAll } from '@jest/globals';
import { parseEther } from 'viem';
import { loadBackend } from '../../../src/backends/registry.js';
import { type Connection, type ConnectOptions, connect, request } from '../../../src/chain/connection.js';
import { type Devnet, startDevnet } from '../../../src/chain/devnet.js';
import { type Market, openMarket, readCounts, readJob } from '../../../src/chain/market.js';
import { claimCall, postCall, takeCall } from '../../../src/chain/market-calls.js';
import { createSender, mustBeSent, type Sender, type SenderOptions } from '../../../src/chain/sender.js';
import { unlockedSigner } from '../../../src/chain/signer.js';
import { ETHER } from '../../../src/chain/terms.js';
import { fromHex, type Hash } from '../../../src/commitments/hash.js';
import { outputWords } from '../../../src/expr/operator.js';
import { type RunExecution, runExecution, type StartState } from '../../../src/game/run-execution.js';
import { genesisStart, ownStarts } from '../../../src/game/run-starts.js';
import { type Bundle, resealBundle } from '../../../src/job/bundle.js';
import { compileJobFile } from '../../../src/job/compile.js';
import type { Fault } from '../../../src/run/fault.js';
import { train } from '../../../src/run/train.js';
import { type LoadedRun, loadRun } from '../../../src/verify/load-run.js';
import { fixturePath } from '../../job/fixture-path.js';
import { temporaryFolder } from '../../run/support/temporary-folder.js';

export const [STEPS, EVERY] = [80, 16];
/** Seconds; long, so that no clock runs out on a busy machine. Tests that want it to turn the chain's time on. */
export const [CLOCK, WINDOW] = [3600, 7200];
const POLLING_MILLISECONDS = 30;
export const REWARD = parseEther('1');

/** Accounts of the local chain by what they do. */
export const ACCOUNTS = { client: 0, solver: 1, challenger: 2, other: 3, rival: 4 } as const;

export interface TrainedRun {
  readonly directory: string;
  readonly run: LoadedRun;
  readonly finalRoot: Hash;
  readonly traceRoot: Hash;
}

export interface Stage {
  readonly chain: Devnet;
  readonly market: Market;
  readonly deployments: string;
  readonly bundle: Bundle;
  readonly honest: TrainedRun;
  readonly cheat: TrainedRun;
  readonly fault: Fault;
}

/** Sets the stage before the tests of a file, and clears it after them. */
export function disputeStage() {
  const folder = temporaryFolder();
  const stage = {} as { -readonly [Name in keyof Stage]: Stage[Name] };
  const executions: RunExecution[] = [];
  beforeAll(async () => {
    stage.deployments = folder.path('31337.json');
    stage.chain = await startDevnet({ port: 0, out: stage.deployments });
    stage.market = await openMarket(await connectedTo(stage.chain.url), stage.deployments);
    const compiled = await compileJobFile(fixturePath('jobs/iris.json'), {}, await loadBackend('reference'));
    stage.bundle = resealBundle(compiled.bundle, { steps: STEPS, checkpointEvery: EVERY });
    const operator = stage.bundle.program.operators.findIndex((entry) => entry.operator.kind === 'matmul');
    const element = outputWords(stage.bundle.program.operators[operator]!.operator) - 1;
    stage.fault = { step: 37, operator, element, bit: 30 };
    stage.honest = await trained(stage.bundle, folder.path('honest'), null);
    stage.cheat = await trained(stage.bundle, folder.path('cheat'), stage.fault);
  });
  afterAll(async () => {
    await Promise.all(executions.map((execution) => execution.dispose()));
    await stage.chain?.stop();
  });
  const execution = async (starts: readonly StartState[], fault: Fault | null) => {
    const made = await runExecution({
      bundle: stage.bundle,
      starts,
      fault,
      backend: await loadBackend('wasm'),
      threads: 1,
    });
    executions.push(made);
    return made;
  };
  return {
    stage: stage as Stage,
    path: (name: string) => folder.path(name),
    ask: (method: string, ...params: unknown[]) => request(stage.market.connection, method, params),
    /** Lets seconds pass on the chain. */
    pass: async (seconds: number): Promise<void> => {
      await request(stage.market.connection, 'evm_increaseTime', [seconds]);
      await request(stage.market.connection, 'evm_mine');
    },
    /** The solver's execution of his own run. */
    solving: ({ run }: TrainedRun) => execution(ownStarts(run), run.manifest.injectFault),
    /** An honest execution from the genesis. */
    replaying: () => execution([genesisStart(stage.bundle)], null),
    sender: (account: number, options: Partial<SenderOptions> = {}) => senderOf(stage.market, account, options),
    claim: (run: TrainedRun, account: number = ACCOUNTS.solver) => claimed(stage, run, account),
  };
}

/** A connection that looks for a lost node for a while. */
export async function connectedTo(url: string, options: ConnectOptions = {}): Promise<Connection> {
  return connect(url, { patience: { milliseconds: 20_000 }, ...options });
}

/** Sends from an account of the local chain. */
export async function senderOf(
  { connection }: Market,
  account: number,
  options: Partial<SenderOptions> = {},
): Promise<Sender> {
  const signer = await unlockedSigner(connection, String(account));
  return createSender({ connection, signer, pollingMilliseconds: POLLING_MILLISECONDS, ...options });
}

async function trained(bundle: Bundle, directory: string, fault: Fault | null): Promise<TrainedRun> {
  const backend = await loadBackend('wasm');
  const options = { threads: 1, keep: 'all', fault, version: 'test' } as const;
  const result = await train({ bundle, directory, backend, ...options });
  const [finalRoot, traceRoot] = [fromHex(result.finalStateRoot), fromHex(result.traceRoot)];
  return { directory, run: await loadRun(directory, bundle), finalRoot, traceRoot };
}

/** Posts and takes a job, and claims a run's roots. Gives the claim's number. */
async function claimed({ market, bundle }: Stage, run: TrainedRun, account: number): Promise<bigint> {
  const [client, solver] = [await senderOf(market, ACCOUNTS.client), await senderOf(market, account)];
  const { timestamp } = await market.connection.client.getBlock();
  const terms = {
    ...{ program: bundle.hashes.program, genesis: bundle.hashes.genesisRoot, token: ETHER, steps: bundle.steps },
    ...{ window: WINDOW, clock: CLOCK, reward: REWARD, minBond: parseEther('2'), trainTime: 10_000 },
    ...{ openUntil: Number(timestamp) + 10_000, checkpointLog2: Math.log2(bundle.checkpointEvery) },
  };
  mustBeSent(await client.send(postCall(market, terms)));
  const job = await readJob(market, (await readCounts(market)).jobs);
  mustBeSent(await solver.send(takeCall(market, job, parseEther('2'))));
  mustBeSent(await solver.send(claimCall(market, job.id, run.finalRoot, run.traceRoot)));
  return (await readCounts(market)).claims;
}
