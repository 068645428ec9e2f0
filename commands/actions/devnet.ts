/** The core of `gensyn devnet`. */
import { dirname } from 'node:path';
import type { Devnet } from '../../src/chain/devnet.js';
import { fail } from '../../src/errors/index.js';
import { makeFolder } from '../../src/files/atomic-file.js';
import type { Action, Invocation } from '../context.js';
import type { DevnetCommandOptions } from '../devnet.js';
import { formatDocument } from '../document.js';
import { packageVersion } from '../version.js';
import { facts } from './table.js';

export const devnet: Action<DevnetCommandOptions> = async ({ port, blockTime, out }, invocation) => {
  const { progress, signal } = invocation;
  progress.phase('starting a local chain');
  if (out !== undefined) await makeFolder(dirname(out));
  // viem is slow to load: not before the options are known to be right.
  const { startDevnet } = await import('../../src/chain/devnet.js');
  const where = { port, ...(out === undefined ? {} : { out }), ...(blockTime === undefined ? {} : { blockTime }) };
  const chain = await startDevnet({ ...where, signal, onPhase: (label) => progress.phase(label) });
  try {
    progress.end();
    announce(chain, out, invocation);
    const reason = await Promise.race([chain.ended, aborted(signal)]);
    if (reason !== null) throw fail('chain.anvil-failed', { program: 'anvil', reason });
  } finally {
    await chain.stop();
  }
  return { result: { state: 'stopped', rpcUrl: chain.url }, text: '' };
};

/** Whoever waits for the chain reads stdout while it runs, so that this cannot be the outcome at the end. */
function announce(chain: Devnet, out: string | undefined, { globals, io, terminal }: Invocation): void {
  const { url: rpcUrl, chainId, accounts, deployments } = chain;
  if (!globals.json) {
    terminal.result(`${textOf(chain, out)}\n`);
    return;
  }
  const result = { state: 'ready', rpcUrl, chainId, accounts, contracts: deployments.contracts, out: out ?? null };
  const about = { command: 'devnet', version: packageVersion(), durationMs: io.now(), warnings: [], error: null };
  terminal.result(formatDocument({ ...about, result }));
}

function textOf({ url, chainId, accounts, deployments }: Devnet, out: string | undefined): string {
  const contracts = Object.entries(deployments.contracts).map(([name, { address }]) => [name, address] as const);
  const holders = accounts.map(({ address, balance }, at) => [`account ${at}`, `${address}  ${balance} ETH`] as const);
  const rows = [['chain', String(chainId)], ['RPC', url], ...contracts, ...holders] as const;
  const recorded = out === undefined ? '' : `\nThe contracts are recorded in ${out}.`;
  return (
    `${facts(rows)}\n\nThe chain holds the keys: send from an account with --unlocked and its number or address, and\n` +
    `export ETH_RPC_URL=${url}. The keys are known to everybody: never send anything of value to them.${recorded}\n` +
    'Interrupt (Ctrl-C) to stop; nothing is kept.'
  );
}

/** Settles at the first interrupt. */
function aborted(signal: AbortSignal): Promise<null> {
  if (signal.aborted) return Promise.resolve(null);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }));
}
