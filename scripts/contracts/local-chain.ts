/** A throw-away chain on the loopback address (anvil, from npm) to run compiled contracts on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
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
const GAS_LIMIT = '100000000000';

const RECEIPT_ATTEMPTS = 500;
const RECEIPT_DELAY_MS = 20;

/** Starts a chain on a free port. It must be stopped. */
export async function startLocalChain(): Promise<LocalChain> {
  const flags = ['--port', '0', '--hardfork', 'osaka', '--accounts', '1', '--gas-limit', GAS_LIMIT];
  const anvil = spawn(anvilBinary(), flags, { stdio: ['ignore', 'pipe', 'inherit'] });
  // A chain must not outlive a process that fails before it stops it.
  const killOnExit = () => anvil.kill();
  process.once('exit', killOnExit);
  const url = await listeningUrl(anvil);
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
      const transaction = { from: sender, data, gas: toQuantity('16000000'), ...(to === undefined ? {} : { to }) };
      const sent = await rpc('eth_sendTransaction', [transaction]);
      if (sent.error !== undefined) throw new Error(`eth_sendTransaction: ${sent.error.message}`);
      const receipt = await receiptOf(sent.result, rpc);
      if (receipt.status !== '0x1') throw new Error('the transaction reverted');
      return { gasUsed: Number(receipt.gasUsed), contractAddress: receipt.contractAddress ?? undefined };
    },
    stop: async () => {
      process.off('exit', killOnExit);
      const ended = once(anvil, 'exit');
      anvil.kill();
      await ended;
    },
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

/** The address that anvil prints once it answers. */
function listeningUrl(anvil: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    anvil.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const address = /Listening on ([0-9.]+:[0-9]+)/.exec(printed)?.[1];
      if (address !== undefined) resolve(`http://${address}`);
    });
    anvil.once('error', reject);
    anvil.once('exit', (status) => reject(new Error(`anvil ended with ${status}`)));
  });
}

function anvilBinary(): string {
  const architecture = process.platform === 'win32' || process.arch === 'x64' ? 'amd64' : process.arch;
  const name = `@foundry-rs/anvil-${process.platform}-${architecture}/package.json`;
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return join(dirname(createRequire(import.meta.url).resolve(name)), 'bin', `anvil${suffix}`);
}

function toQuantity(decimal: string): Hex {
  return `0x${BigInt(decimal).toString(16)}`;
}
