import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connect, persist, request, rpcUrl } from '../../src/chain/connection.js';
import { createSender, mustBeSent, type SenderOptions } from '../../src/chain/sender.js';
import { unlockedSigner } from '../../src/chain/signer.js';
import { failureOf, localChain } from './support/local-chain.js';
import { type Proxy, startProxy } from './support/proxy.js';

const chain = localChain();
const SOMEBODY = '0x00000000000000000000000000000000000b0b00';
const payment = { what: 'pay', to: SOMEBODY, data: '0x', value: 1n } as const;
const balance = async () => BigInt((await chain.ask('eth_getBalance', SOMEBODY, 'latest')) as string);

let proxy: Proxy;
beforeEach(async () => {
  proxy = await startProxy(chain.url);
});
afterEach(() => proxy.close());

/** A sender behind the proxy, and what it was told about lost nodes. */
async function patientSender(milliseconds: number, signal?: AbortSignal, options: Partial<SenderOptions> = {}) {
  const losses: boolean[] = [];
  const onLoss = (lost: boolean): void => void losses.push(lost);
  const patience = { milliseconds, onLoss, ...(signal === undefined ? {} : { signal }) };
  const connection = await connect(proxy.url, { patience });
  const signer = await unlockedSigner(connection, '0');
  return { losses, sender: createSender({ connection, signer, pollingMilliseconds: 20, ...options }) };
}

describe('the address of a node', () => {
  test('comes from the option, else from ETH_RPC_URL', async () => {
    expect(rpcUrl('http://a', { ETH_RPC_URL: 'http://b' })).toBe('http://a');
    expect(rpcUrl(undefined, { ETH_RPC_URL: 'http://b' })).toBe('http://b');
    for (const environment of [{}, { ETH_RPC_URL: '' }]) {
      expect((await failureOf((async () => rpcUrl(undefined, environment))())).code).toBe('chain.no-rpc-url');
    }
  });

  test.each([
    '',
    'localhost',
    'file:///etc/passwd',
    'ws://127.0.0.1',
    'http://me:secret@node',
    `http://${'a'.repeat(3000)}`,
  ])('is refused where it is %j', async (url) => {
    const error = await failureOf(connect(url));
    expect(error.code).toBe('chain.rpc-url-invalid');
    expect(error.message).not.toContain('secret');
  });

  test('stays out of messages: its path can be a key', async () => {
    await proxy.close();
    const error = await failureOf(connect(`${proxy.url}/v3/secret`));
    expect([error.code, error.exitCode]).toEqual(['chain.rpc-unreachable', 5]);
    expect(`${error.message} ${error.hint} ${JSON.stringify(error.data)}`).not.toContain('secret');
    expect(error.message).toContain('ECONNREFUSED');
  });
});

describe('a node', () => {
  test('of another chain is refused', async () => {
    const error = await failureOf(connect(chain.url, { chainId: 1 }));
    expect([error.code, error.data['have'], error.data['want']]).toEqual(['chain.wrong-chain', 31337, 1]);
  });

  test.each([
    ['an error', '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no\\u001b[2J"}}', 200, 'chain.rpc-failed'],
    [
      'too many requests',
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"slow"}}',
      200,
      'chain.rpc-unreachable',
    ],
    ['HTTP 503', 'busy', 503, 'chain.rpc-unreachable'],
    ['HTTP 401', 'no', 401, 'chain.rpc-failed'],
    ['no chain id', '{"jsonrpc":"2.0","id":1,"result":"0x0"}', 200, 'chain.invalid-answer'],
    ['a text', '{"jsonrpc":"2.0","id":1,"result":"hello"}', 200, 'chain.invalid-answer'],
    ['no JSON', '<html>', 200, 'chain.invalid-answer'],
    ['nine megabytes', `"${'a'.repeat(9 << 20)}"`, 200, 'chain.invalid-answer'],
  ])('that answers with %s is told', async (_, body, status, code) => {
    proxy.answer('eth_chainId', body, status);
    const error = await failureOf(connect(proxy.url));
    expect(error.code).toBe(code);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(error.message).not.toMatch(/[\u0000-\u001f]/);
  });

  // Texts of providers, all with the same code.
  test.each([
    ['query returned more than 10000 results', 'chain.rpc-failed'],
    ['block range exceeds the limit of 5000', 'chain.rpc-failed'],
    ['limit exceeded', 'chain.rpc-failed'],
    ['project ID request rate exceeded', 'chain.rpc-unreachable'],
    ['daily request count exceeded, request rate limited', 'chain.rpc-unreachable'],
  ])(
    'that answers a query for logs with "%s" is %s: a range can be halved, a rate only waited for',
    async (text, code) => {
      const connection = await connect(proxy.url);
      const error = JSON.stringify({ code: -32005, message: text });
      for (const method of ['eth_getLogs', 'eth_gasPrice']) {
        proxy.answer(method, `{"jsonrpc":"2.0","id":1,"error":${error}}`);
        const known = await failureOf(request(connection, method, []));
        expect(known.code).toBe(method === 'eth_getLogs' ? code : 'chain.rpc-unreachable');
      }
    },
  );

  test('that does not answer in time is unreachable', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const error = await failureOf(connect(url, { timeout: 200 }));
    expect([error.code, error.data['reason']]).toEqual(['chain.rpc-unreachable', 'no answer in time']);
    silent.closeAllConnections();
    silent.close();
  });
});

describe('a lost node', () => {
  test('that swallows the answer to a transaction does not make it happen twice', async () => {
    const { sender, losses } = await patientSender(5_000);
    const had = await balance();
    proxy.dropAnswerOf('eth_sendRawTransaction');
    proxy.dropAnswerOf('eth_getTransactionReceipt');
    expect(mustBeSent(await sender.send(payment)).gasUsed).toBe(21_000n);
    expect(await balance()).toBe(had + 1n);
    expect(proxy.methods.filter((method) => method === 'eth_sendRawTransaction')).toHaveLength(2);
    expect(losses).toEqual([true, false, true, false]);
  });

  test('is waited for, before a transaction and while it is under way', async () => {
    const { sender } = await patientSender(10_000);
    const had = await balance();
    await proxy.close();
    const sending = sender.send(payment);
    await new Promise((resolve) => setTimeout(resolve, 400));
    await chain.ask('evm_setAutomine', false);
    await proxy.open();
    await new Promise((resolve) => setTimeout(resolve, 800));
    await proxy.close();
    await chain.ask('anvil_mine');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await proxy.open();
    expect(mustBeSent(await sending).gasUsed).toBe(21_000n);
    expect(await balance()).toBe(had + 1n);
  });

  test('is not waited for beyond the patience', async () => {
    const { sender } = await patientSender(300);
    await proxy.close();
    expect((await failureOf(sender.send(payment))).code).toBe('chain.rpc-unreachable');
    await proxy.open();
    // The failure of one call is not the end of the sender.
    expect(mustBeSent(await sender.send(payment)).gasUsed).toBe(21_000n);
  });

  test('that swallows a transaction for good leaves its hash behind', async () => {
    const { sender } = await patientSender(0);
    const had = await balance();
    proxy.dropAnswerOf('eth_sendRawTransaction');
    const error = await failureOf(sender.send(payment));
    expect([error.code, error.exitCode]).toEqual(['chain.fate-unknown', 5]);
    const [hash] = error.data['hashes'] as [string];
    expect(error.message).toContain(hash);
    expect(await chain.ask('eth_getTransactionReceipt', hash)).toMatchObject({ status: '0x1' });
    expect(await balance()).toBe(had + 1n);
  });

  test('and an interrupt leave the hash of what is under way behind', async () => {
    await chain.ask('evm_setAutomine', false);
    const controller = new AbortController();
    const offered: string[] = [];
    const abandoned: string[] = [];
    const { sender } = await patientSender(60_000, controller.signal, {
      onOffer: ({ hash }) => void offered.push(hash),
      onAbandoned: ({ hash }) => void abandoned.push(hash),
    });
    const sending = sender.send(payment);
    while (!proxy.methods.includes('eth_getTransactionReceipt'))
      await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort();
    await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
    expect(abandoned).toEqual(offered);
    await chain.ask('anvil_dropAllTransactions');
  });

  test('is not waited for after an interrupt', async () => {
    const controller = new AbortController();
    const { sender } = await patientSender(60_000, controller.signal);
    await proxy.close();
    const sending = sender.send(payment).then(
      () => 'sent',
      (error: Error) => error.name,
    );
    setTimeout(() => controller.abort(), 100);
    expect(await sending).toBe('AbortError');
    await proxy.open();
  });

  test('is no excuse for repeating what the node refused', async () => {
    const node = { node: 'here', patience: { milliseconds: 5_000 } };
    let calls = 0;
    const refused = persist(node, async () => {
      calls++;
      throw new Error('mine');
    });
    await expect(refused).rejects.toThrow('mine');
    expect(calls).toBe(1);
  });
});
