/** The game's contract on a local chain whose clock the test sets. */
import {
  type Abi,
  BaseError,
  ContractFunctionRevertedError,
  createTestClient,
  encodeDeployData,
  encodeFunctionData,
  http,
  publicActions,
  walletActions,
} from 'viem';
import { gameAbi, gameBytecode } from '../../contracts/generated/game.js';
import { refereeAbi, refereeBytecode } from '../../contracts/generated/referee.js';
import { startAnvil } from '../../src/chain/anvil.js';
import { type GameCall, openArguments } from '../../src/chain/game-calls.js';
import { type Hash, type Hex, toHex } from '../../src/commitments/hash.js';
import type { GameRules, Sender } from '../../src/game/game.js';
import type { Claim, Opening } from '../../src/game/open-game.js';
import { receiptOf } from './receipt.js';

const ACCOUNTS: Readonly<Record<Sender, Hex>> = {
  solver: '0x0000000000000000000000000000000000050113',
  challenger: '0x00000000000000000000000000000000000ca113',
  other: '0x0000000000000000000000000000000000007e57',
};
const ETHER = 10n ** 18n;
const SOLVER_GAS = 1_600_000;
const CHALLENGER_GAS = 1_500_000;
const NO_ADDRESS: Hex = '0x0000000000000000000000000000000000000000';
const GAS_LIMIT = 16_000_000n;

/** What the game contract makes of a call: the gas of its transaction, or the error's name. */
export type CallOutcome = { readonly gas: number } | { readonly error: string };

export type GameChain = Awaited<ReturnType<typeof startGameChain>>;

/** Starts a chain with a referee and a game. It must be stopped. */
export async function startGameChain() {
  const anvil = await startAnvil();
  const client = createTestClient({ mode: 'anvil', transport: http(anvil.url), pollingInterval: 10 })
    .extend(publicActions)
    .extend(walletActions);
  for (const address of Object.values(ACCOUNTS)) {
    await client.impersonateAccount({ address });
    await client.setBalance({ address, value: 10_000n * ETHER });
  }
  const send = async (to: Hex | null, data: Hex, from: Sender, value = 0n) => {
    const account = ACCOUNTS[from];
    const hash = await client.sendTransaction({ account, chain: null, to, data, value, gas: GAS_LIMIT });
    const receipt = await receiptOf(client, hash);
    if (receipt.status !== 'success') throw new Error('the transaction reverted');
    return receipt;
  };
  const deploy = async (abi: Abi, bytecode: Hex, args: readonly unknown[]) => {
    return (await send(null, encodeDeployData({ abi, bytecode, args }), 'other')).contractAddress!;
  };
  const referee = await deploy(refereeAbi, refereeBytecode, []);
  const limits = { minClock: 1, minWindow: 1, solverGas: SOLVER_GAS, challengerGas: CHALLENGER_GAS, burnPercent: 50 };
  const game = await deploy(gameAbi, gameBytecode, [referee, limits]);

  /** Sends a call at a time in seconds of the chain, if it would not revert. */
  const attempt = async (call: GameCall, from: Sender, time: number, value = 0n): Promise<CallOutcome> => {
    const data = encodeFunctionData({ abi: gameAbi as Abi, functionName: call.functionName, args: call.args });
    const error = await client
      .call({ to: game, data, account: ACCOUNTS[from], value, blockOverrides: { time: BigInt(time) } })
      .then(() => undefined, errorName);
    if (error !== undefined) return { error };
    await client.setNextBlockTimestamp({ timestamp: BigInt(time) });
    return { gas: Number((await send(game, data, from, value)).gasUsed) };
  };
  const read = (functionName: string, ...args: readonly unknown[]): Promise<unknown> =>
    client.readContract({ address: game, abi: gameAbi as Abi, functionName, args });
  const now = async () => Number((await client.getBlock()).timestamp);

  const must = async (call: GameCall, from: Sender, time: number, value = 0n): Promise<number> => {
    const outcome = await attempt(call, from, time, value);
    if ('error' in outcome) throw new Error(`${call.functionName}: ${outcome.error}`);
    return outcome.gas;
  };
  /** Posts and takes a job, claims and opens. Returns the game's number and the second in which it was opened. */
  const begin = async (rules: GameRules, claim: Pick<Claim, 'finalRoot' | 'traceRoot'>, opening: Opening) => {
    const start = (await now()) + 1;
    await must({ functionName: 'post', args: [termsOf(rules, start)] }, 'other', start);
    const job = (await read('jobCount')) as bigint;
    const terms = await read('termsHash', job);
    const take = await must({ functionName: 'take', args: [job, terms] }, 'solver', start + 1, ETHER);
    const roots = [toHex(claim.finalRoot), toHex(claim.traceRoot)];
    const claimGas = await must({ functionName: 'claim', args: [job, ...roots] }, 'solver', start + 2);
    const number = (await read('claimCount')) as bigint;
    const args = openArguments(number, (await read('jobHash', job)) as Hex, opening);
    const open = await must({ functionName: 'open', args }, 'challenger', start + 3, ETHER);
    const id = (await read('gameCount')) as bigint;
    return { id, number, openedAt: start + 3, gas: { take, claim: claimGas, open } };
  };
  return { begin, attempt, must, read, now, stop: () => anvil.stop() };
}

function termsOf({ programHash, genesisRoot, steps, checkpointEvery, clock }: GameRules, time: number) {
  const hashes: Record<string, Hash> = { program: programHash, genesis: genesisRoot };
  return {
    program: toHex(hashes['program']!),
    genesis: toHex(hashes['genesis']!),
    token: NO_ADDRESS,
    steps,
    window: 1_000_000,
    clock,
    reward: 0n,
    minBond: 0n,
    trainTime: 1_000_000,
    openUntil: time + 1_000_000,
    checkpointLog2: Math.log2(checkpointEvery),
  };
}

/** The contract's error, by its name; those of the referee come through the game. */
function errorName(error: unknown): string {
  const raw = error instanceof BaseError ? error.walk((cause) => hasData(cause)) : error;
  if (!hasData(raw)) throw error;
  const decoded = new ContractFunctionRevertedError({
    abi: [...gameAbi, ...refereeAbi] as Abi,
    data: raw.data as Hex,
    functionName: '',
  });
  return decoded.data?.errorName ?? String(raw.data);
}

function hasData(value: unknown): value is { data: unknown } {
  return typeof value === 'object' && value !== null && 'data' in value && typeof value.data === 'string';
}
