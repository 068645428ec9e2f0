/** The real contracts on a local chain whose clock the test sets, with as many accounts as a story needs. */
import {
  type Abi,
  BaseError,
  ContractFunctionRevertedError,
  createTestClient,
  encodeDeployData,
  encodeFunctionData,
  http,
  keccak256,
  publicActions,
  toHex as textToHex,
  walletActions,
} from 'viem';
import { gameAbi, gameBytecode } from '../../../contracts/generated/game.js';
import { refereeAbi, refereeBytecode } from '../../../contracts/generated/referee.js';
import { startAnvil } from '../../../src/chain/anvil.js';
import type { GameCall } from '../../../src/chain/game-calls.js';
import type { Hex } from '../../../src/commitments/hash.js';
import { receiptOf } from '../../contracts/receipt.js';

/** What the contract makes of a call: the gas of its transaction, or the error's name. */
export type Outcome = { readonly gas: number } | { readonly error: string };

export type Arena = Awaited<ReturnType<typeof startArena>>;

const ABI = [...gameAbi, ...refereeAbi] as Abi;
const ETHER = 10n ** 18n;
const GAS_LIMIT = 16_000_000n;
const LIMITS = { minClock: 600, minWindow: 1200, solverGas: 1_600_000, challengerGas: 1_500_000, burnPercent: 50 };
export const NO_ADDRESS: Hex = '0x0000000000000000000000000000000000000000';

/** Starts a chain with a referee and a game. It must be stopped. */
export async function startArena() {
  const anvil = await startAnvil();
  const client = createTestClient({ mode: 'anvil', transport: http(anvil.url), pollingInterval: 10 })
    .extend(publicActions)
    .extend(walletActions);
  const accounts = new Map<string, Hex>();

  /** The address of somebody; who is new gets 10,000 ether. */
  const addressOf = async (name: string): Promise<Hex> => {
    const known = accounts.get(name);
    if (known !== undefined) return known;
    const address = `0x${keccak256(textToHex(name)).slice(-40)}` as const;
    await client.impersonateAccount({ address });
    await client.setBalance({ address, value: 10_000n * ETHER });
    accounts.set(name, address);
    return address;
  };
  const send = async (to: Hex | null, data: Hex, from: string, value = 0n) => {
    const account = await addressOf(from);
    const hash = await client.sendTransaction({ account, chain: null, to, data, value, gas: GAS_LIMIT });
    const receipt = await receiptOf(client, hash);
    if (receipt.status !== 'success') throw new Error('the transaction reverted');
    return receipt;
  };
  const deploy = async (abi: Abi, bytecode: Hex, args: readonly unknown[]): Promise<Hex> =>
    (await send(null, encodeDeployData({ abi, bytecode, args }), 'deployer')).contractAddress!;
  const referee = await deploy(refereeAbi, refereeBytecode, []);
  const game = await deploy(gameAbi, gameBytecode, [referee, LIMITS]);

  /** Sends a call in a block of this second, if it would not revert there. */
  const attempt = async (call: GameCall, from: string, time: number, value = 0n): Promise<Outcome> => {
    const data = encodeFunctionData({ abi: ABI, functionName: call.functionName, args: call.args });
    const [account, blockOverrides] = [await addressOf(from), { time: BigInt(time) }];
    const tried = client.call({ to: game, data, account, value, blockOverrides });
    const error = await tried.then(() => undefined, errorName);
    if (error !== undefined) return { error };
    await client.setNextBlockTimestamp({ timestamp: BigInt(time) });
    return { gas: Number((await send(game, data, from, value)).gasUsed) };
  };
  const must = async (call: GameCall, from: string, time: number, value = 0n): Promise<number> => {
    const outcome = await attempt(call, from, time, value);
    if ('error' in outcome) throw new Error(`${call.functionName} by ${from}: ${outcome.error}`);
    return outcome.gas;
  };
  return {
    ...{ addressOf, attempt, must },
    read: (functionName: string, ...args: readonly unknown[]): Promise<unknown> =>
      client.readContract({ address: game, abi: ABI, functionName, args }),
    now: async () => Number((await client.getBlock()).timestamp),
    /** Ether that the game holds. */
    balance: () => client.getBalance({ address: game }),
    /** Everybody who has acted so far, by name. */
    names: () => [...accounts.keys()],
    /** Runs a story in a branch of the chain that is dropped afterwards, as a reorganisation drops it. */
    orphan: async <Value>(story: () => Promise<Value>): Promise<Value> => {
      const id = await client.snapshot();
      const value = await story();
      await client.revert({ id });
      return value;
    },
    stop: () => anvil.stop(),
  };
}

/** The contract's error, by its name; those of the referee come through the game. */
function errorName(error: unknown): string {
  const raw = error instanceof BaseError ? error.walk((cause) => hasData(cause)) : error;
  if (!hasData(raw)) throw error;
  const decoded = new ContractFunctionRevertedError({ abi: ABI, data: raw.data as Hex, functionName: '' });
  return decoded.data?.errorName ?? String(raw.data);
}

function hasData(value: unknown): value is { data: unknown } {
  return typeof value === 'object' && value !== null && 'data' in value && typeof value.data === 'string';
}
