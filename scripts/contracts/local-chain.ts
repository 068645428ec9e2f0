/** A throw-away chain on the loopback address (anvil, from npm) to run compiled contracts on. */
import { setTimeout } from 'node:timers/promises';
import { startAnvil } from '../../src/chain/anvil.js';
import type { Hex } from '../../src/commitments/hash.js';

export interface CallFailure {
  /** What the contract reverted with: a selector and its arguments, or `0x`. */
  readonly revert: Hex;
}

export interface LocalChain {
  /** Puts code at an address, as if deployed there. */
  setCode(address: Hex, code: Hex): Promise<void>;
  /** The output of a call, or what it reverted with. */
  call(to: Hex, data: Hex): Promise<Hex | CallFailure>;
  /** Sends a transaction from a funded account; returns the gas it used in all. Throws where it reverts. */
  transact(to: Hex | undefined, data: Hex): Promise<{ gasUsed: number; contractAddress: Hex | undefined }>;
  stop(): Promise<void>;
}

/** Enough for some hundred thousand machine instructions in one call. */
const GAS_LIMIT = 100_000_000_000n;

const RECEIPT_ATTEMPTS = 500;
const RECEIPT_DELAY_MS = 20;

/** Starts a chain on a free port. It must be stopped. */
export async function startLocalChain(): Promise<LocalChain> {
  const { url, stop } = await startAnvil(undefined, { gasLimit: GAS_LIMIT });
  const rpc = (method: string, parameters: unknown[]) => request(url, method, parameters);
  const [sender] = (await rpc('eth_accounts', [])).result as Hex[];
  return {
    setCode: async (address, code) => void (await rpc('anvil_setCode', [address, code])),
    call: async (to, data) => {
      const { result, error } = await rpc('eth_call', [{ to, data, gas: toQuantity(GAS_LIMIT) }, 'latest']);
      if (error === undefined) return result as Hex;
      if (typeof error.data === 'string') return { revert: error.data as Hex };
      throw new Error(`eth_call: ${error.message}`);
    },
    transact: async (to, data) => {
      const transaction = { from: sender, data, gas: toQuantity(16_000_000n), ...(to === undefined ? {} : { to }) };
      const sent = await rpc('eth_sendTransaction', [transaction]);
      if (sent.error !== undefined) throw new Error(`eth_sendTransaction: ${sent.error.message}`);
      const receipt = await receiptOf(sent.result, rpc);
      if (receipt.status !== '0x1') throw new Error('the transaction reverted');
      return { gasUsed: Number(receipt.gasUsed), contractAddress: receipt.contractAddress ?? undefined };
    },
    stop,
  };
}

interface Receipt {
  readonly status: Hex;
  readonly gasUsed: Hex;
  readonly contractAddress: Hex | null;
}

/** A transaction is answered before it is mined, which takes anvil some milliseconds. */
async function receiptOf(hash: unknown, rpc: (method: string, parameters: unknown[]) => Promise<Answer>) {
  for (let attempt = 0; attempt < RECEIPT_ATTEMPTS; attempt++) {
    const { result } = await rpc('eth_getTransactionReceipt', [hash]);
    if (result !== null && result !== undefined) return result as Receipt;
    await setTimeout(RECEIPT_DELAY_MS);
  }
  throw new Error('the transaction was not mined');
}

interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly data?: unknown };
}

async function request(url: string, method: string, parameters: unknown[]): Promise<Answer> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: parameters });
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return (await response.json()) as Answer;
}

function toQuantity(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}
