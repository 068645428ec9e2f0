/** A local chain with the contracts of this release on it. */
import { formatEther } from 'viem';
import { startAnvil } from './anvil.js';
import { connect, persist, request } from './connection.js';
import { deployAll, deploymentPlan, type GameLimits } from './deploy.js';
import { type Deployments, writeDeployments } from './deployments.js';
import { createSender } from './sender.js';
import { type Address, unlockedSigner } from './signer.js';

export interface DevnetOptions {
  readonly port?: number;
  /** Seconds between blocks; without it, there is a block for each transaction. */
  readonly blockTime?: number;
  /** Where the record of the deployed contracts is written. */
  readonly out?: string;
  readonly limits?: GameLimits;
  readonly signal?: AbortSignal;
  /** Told before each contract is deployed. */
  onPhase?(label: string): void;
}

/** An account whose key the chain holds. */
export interface FundedAccount {
  readonly address: Address;
  /** ETH, as a decimal text. */
  readonly balance: string;
}

export interface Devnet {
  readonly url: string;
  readonly chainId: number;
  readonly accounts: readonly FundedAccount[];
  readonly deployments: Deployments;
  /** Settles when the chain ends, wanted or not; says how. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** Short times, so that a person can see the end of them; the gas and the burn share of any other chain. */
export const LOCAL_LIMITS: GameLimits = {
  minClock: 10,
  minWindow: 10,
  solverGas: 1_600_000,
  challengerGas: 1_500_000,
  burnPercent: 50,
};

const ACCOUNTS = 10;
const POLLING_MILLISECONDS = 50;

/**
 * Starts a chain, deploys the contracts, and records them. It must be stopped.
 *
 * @throws `chain.anvil-missing`, `chain.anvil-failed`, and what deploying and writing throw
 */
export async function startDevnet(options: DevnetOptions = {}): Promise<Devnet> {
  const { port, blockTime, signal } = options;
  signal?.throwIfAborted();
  const settings = { accounts: ACCOUNTS, ...(port === undefined ? {} : { port }) };
  const anvil = await startAnvil(undefined, blockTime === undefined ? settings : { ...settings, blockTime });
  try {
    return {
      ...(await prepareChain(anvil.url, options)),
      url: anvil.url,
      ended: anvil.ended,
      stop: () => anvil.stop(),
    };
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}

async function prepareChain(url: string, { limits = LOCAL_LIMITS, out, signal, onPhase }: DevnetOptions) {
  const patience = { milliseconds: 0, ...(signal === undefined ? {} : { signal }) };
  const connection = await connect(url, { patience });
  const signer = await unlockedSigner(connection, '0');
  const onOffer = ({ what }: { what: string }): void => onPhase?.(what);
  const sender = createSender({ connection, signer, pollingMilliseconds: POLLING_MILLISECONDS, onOffer });
  const deployments = await deployAll(connection, sender, deploymentPlan(limits));
  if (out !== undefined) await writeDeployments(out, deployments);
  const addresses = (await request(connection, 'eth_accounts')) as readonly Address[];
  const balances = await Promise.all(
    addresses.map((address) => persist(connection, () => connection.client.getBalance({ address }))),
  );
  const accounts = addresses.map((address, at) => ({ address, balance: formatEther(balances[at]!) }));
  return { chainId: connection.chainId, accounts, deployments };
}
