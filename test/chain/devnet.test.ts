import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { connect } from '../../src/chain/connection.js';
import { readDeployments, useDeployment } from '../../src/chain/deployments.js';
import { startDevnet } from '../../src/chain/devnet.js';
import { createSender, mustBeSent } from '../../src/chain/sender.js';
import { unlockedSigner } from '../../src/chain/signer.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';
import { failureOf } from './support/local-chain.js';

const folder = temporaryFolder();
const binary = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'bin', 'gensyn.js');

interface Running {
  readonly child: ChildProcess;
  /** The lines on stdout, one after another. */
  readonly lines: AsyncIterator<string>;
  readonly stderr: () => string;
}

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function devnet(...args: string[]): Running {
  const child = spawn(process.execPath, [binary, 'devnet', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator](), stderr: () => stderr };
}

/** The next line on stdout as a document. */
async function nextDocument({ lines, stderr }: Running) {
  const { value, done } = await lines.next();
  if (done === true) throw new Error(`no document: ${stderr()}`);
  return JSON.parse(value);
}

/** Waits until nobody answers at an address. */
async function untilGone(url: string): Promise<void> {
  const body = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}';
  const headers = { 'content-type': 'application/json' };
  for (let look = 0; look < 100; look++) {
    const there = await fetch(url, { method: 'POST', headers, body }).then(
      () => true,
      () => false,
    );
    if (!there) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${url} still answers`);
}

describe('gensyn devnet', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('runs until %s, and ends with %i', async (signal, exitCode) => {
    const out = folder.path(`${signal}/deployments/31337.json`);
    const running = devnet('--port', '0', '--out', out, '--json');
    const { schema, ok, result } = await nextDocument(running);
    expect([schema, ok, result.state, result.chainId]).toEqual(['gensyn.devnet/1', true, 'ready', 31337]);
    expect(result.accounts).toHaveLength(10);
    expect(result.contracts).toEqual((await readDeployments(out)).contracts);
    const connection = await connect(result.rpcUrl, { chainId: 31337 });
    for (const name of ['Referee', 'Game'] as const) {
      const { address } = await useDeployment(connection, await readDeployments(out), name, out);
      expect(address).toBe(result.contracts[name].address);
    }
    const signer = await unlockedSigner(connection, '3');
    const sender = createSender({ connection, signer, pollingMilliseconds: 20 });
    const payment = { what: 'pay', to: signer.address, data: '0x', value: 1n } as const;
    expect(mustBeSent(await sender.send(payment)).gasUsed).toBe(21_000n);
    running.child.kill(signal);
    expect((await nextDocument(running)).result.state).toBe('stopped');
    expect(await once(running.child, 'exit')).toEqual([exitCode, null]);
    await untilGone(result.rpcUrl);
  });

  test('leaves nothing behind when it is killed', async () => {
    const running = devnet('--port', '0', '--json');
    const { result } = await nextDocument(running);
    running.child.kill('SIGKILL');
    await untilGone(result.rpcUrl);
  });

  test('leaves nothing behind when its watchdog is killed, and says that the chain is gone', async () => {
    const running = devnet('--port', '0', '--json');
    const { result } = await nextDocument(running);
    const children = `/proc/${running.child.pid}/task/${running.child.pid}/children`;
    // Only Linux tells who is whose child.
    if (!existsSync(children)) return;
    process.kill(Number(readFileSync(children, 'utf8').trim().split(' ')[0]), 'SIGKILL');
    expect((await nextDocument(running)).error.code).toBe('chain.anvil-failed');
    expect(await once(running.child, 'exit')).toEqual([3, null]);
    await untilGone(result.rpcUrl);
  });

  test('says on paper what a person needs, and that a port is taken', async () => {
    const chain = await startDevnet();
    try {
      const port = new URL(chain.url).port;
      const running = devnet('--port', port);
      expect(await once(running.child, 'exit')).toEqual([3, null]);
      expect(running.stderr()).toMatch(/error\[chain\.anvil-failed\].*in use/);
    } finally {
      await chain.stop();
    }
    await untilGone(chain.url);
    const running = devnet('--port', '0');
    let text = '';
    while (!text.includes('Ctrl-C')) text += `${(await running.lines.next()).value}\n`;
    for (const part of ['chain', '31337', 'Referee', 'Game', 'account 9', '--unlocked', 'ETH_RPC_URL'])
      expect(text).toContain(part);
  });

  test('mines at intervals where it is told to, and stops in mid-deployment', async () => {
    const controller = new AbortController();
    const starting = startDevnet({
      blockTime: 1,
      signal: controller.signal,
      onPhase: () => setTimeout(() => controller.abort(), 50),
    });
    await expect(starting).rejects.toThrow(/abort/i);
    const chain = await startDevnet({ blockTime: 1 });
    await chain.stop();
    expect(await chain.ended).toContain('ended');
    expect((await failureOf(connect(chain.url))).code).toBe('chain.rpc-unreachable');
  });
});
