import { describe, expect, test } from '@jest/globals';
import { encodeErrorResult, encodeFunctionData, parseAbi, parseEther, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { refereeAbi } from '../../contracts/generated/referee.js';
import { connect } from '../../src/chain/connection.js';
import { deploy } from '../../src/chain/deploy.js';
import { createSender, mustBeSent } from '../../src/chain/sender.js';
import { keySigner, unlockedSigner } from '../../src/chain/signer.js';
import { failureOf, localChain } from './support/local-chain.js';

const chain = localChain();
const ECHO = '0x00000000000000000000000000000000000ec000';
/** Reverts with whatever it is called with. */
const REVERTS = '0x365f5f37365ffd';
const SOMEBODY = '0x00000000000000000000000000000000000a11ce';
const ZERO = `0x${'00'.repeat(32)}` as const;

const payment = (value = 1n) => ({ what: 'pay', to: SOMEBODY, data: '0x', value }) as const;
const balance = async () => BigInt((await chain.ask('eth_getBalance', SOMEBODY, 'latest')) as string);
const blockNumber = async () => Number(await chain.ask('eth_blockNumber'));

/** An execution whose state is one byte long. */
const wrongStep = encodeFunctionData({
  abi: refereeAbi,
  functionName: 'executeStep',
  args: [
    {
      operatorLeaf: ZERO,
      state: ZERO,
      temporaryRoot: ZERO,
      stateRoot: ZERO,
      constantRoot: ZERO,
      position: 0,
      temporaries: 1,
      states: 1,
      constants: 0,
    },
    { code: ZERO, instructions: 1, words: 1, slots: [] },
    '0x00',
    '0x',
    { tensor: ZERO, tensorSiblings: [], chunk: [], chunkSiblings: [] },
  ],
});

describe('a call that a contract refuses', () => {
  test('is not sent, and says what the contract has and wants', async () => {
    const sender = await chain.sender(0);
    const { address } = await deploy(chain.connection, sender, 'Referee', []);
    const before = await blockNumber();
    const error = await failureOf(sender.send({ what: 'execute a step', to: address, data: wrongStep }));
    expect([error.code, error.exitCode]).toEqual(['chain.reverted', 5]);
    expect(error.message).toBe('The contract refused to execute a step: WrongStateLength (have 1, want 132).');
    expect(error.data).toMatchObject({ name: 'WrongStateLength', args: { have: '1', want: '132' } });
    expect(await blockNumber()).toBe(before);
  });

  test.each([
    ['no reason', '0x', null, 'it reverted without a reason'],
    ['an unknown error', '0x01020304ff', null, 'an error that no known contract defines (0x01020304)'],
    [
      'a truncated one',
      encodeErrorResult({ abi: refereeAbi, errorName: 'EmptyList' }).slice(0, 8),
      null,
      'no known contract',
    ],
    [
      'a text for terminals',
      encodeErrorResult({ abi: parseAbi(['error Error(string)']), args: ['\u001b[2Jno\u202e'] }),
      'Error',
      'it says "�[2Jno�"',
    ],
    ['a panic', encodeErrorResult({ abi: parseAbi(['error Panic(uint256)']), args: [17n] }), 'Panic', '17'],
  ])('with %s is told plainly', async (_, data, name, text) => {
    await chain.ask('anvil_setCode', ECHO, REVERTS);
    const sender = await chain.sender(1);
    const error = await failureOf(sender.send({ what: 'call', to: ECHO, data: data as `0x${string}` }));
    expect([error.code, error.data['name']]).toEqual(['chain.reverted', name]);
    expect(error.message).toContain(text);
  });

  test('with an error that only the caller knows is decoded with it', async () => {
    await chain.ask('anvil_setCode', ECHO, REVERTS);
    const errors = parseAbi(['error Frozen(address account, uint256 until)']);
    const data = encodeErrorResult({ abi: errors, args: [SOMEBODY, 7n] });
    const error = await failureOf((await chain.sender(1)).send({ what: 'call', to: ECHO, data, errors }));
    expect(error.data).toMatchObject({ name: 'Frozen', args: { until: '7' } });
  });

  test('only once it is mined costs its gas, and is told so', async () => {
    await chain.ask('anvil_setCode', ECHO, '0x00');
    const data = encodeErrorResult({ abi: refereeAbi, errorName: 'WrongRoot', args: [ZERO, ZERO] });
    await chain.ask('evm_setAutomine', false);
    const sender = await chain.sender(1, {
      onOffer: () =>
        void chain.ask('anvil_setCode', ECHO, REVERTS).then(() => setTimeout(() => chain.ask('anvil_mine'), 100)),
    });
    const error = await failureOf(sender.send({ what: 'call', to: ECHO, data, gas: 100_000n }));
    expect(error.code).toBe('chain.transaction-failed');
    expect(error.data).toMatchObject({ name: 'WrongRoot', args: { have: ZERO, want: ZERO } });
    expect(Number(error.data['gasUsed'])).toBeGreaterThan(21_000);
  });
});

describe('a sender', () => {
  test('tells gas and fee', async () => {
    const sent = mustBeSent(await (await chain.sender(2)).send(payment()));
    expect(sent.gasUsed).toBe(21_000n);
    expect(sent.fee).toBeGreaterThan(0n);
    expect(sent.contract).toBeNull();
  });

  test('on a dry run sends nothing and shows everything', async () => {
    const [block, had] = [await blockNumber(), await balance()];
    const result = await (await chain.sender(2, { dryRun: true })).send(payment(5n));
    expect(result).toMatchObject({ kind: 'dry-run', to: SOMEBODY, data: '0x', value: 5n });
    if (result.kind !== 'dry-run') throw new Error('it was sent');
    expect(result.gas).toBeGreaterThanOrEqual(21_000n);
    expect(result.largestCost).toBeGreaterThan(result.gas * result.fees.maxFeePerGas + 5n);
    expect([await blockNumber(), await balance()]).toEqual([block, had]);
  });

  test('of an account that cannot pay says what it has and needs', async () => {
    const error = await failureOf((await chain.sender(3)).send(payment(parseEther('20000'))));
    expect([error.code, error.data['have']]).toEqual(['chain.insufficient-funds', parseEther('10000')]);
  });

  test('gives many calls at once a nonce each', async () => {
    const nonces: number[] = [];
    const sender = await chain.sender(4, { onOffer: ({ nonce }) => nonces.push(nonce) });
    const had = await balance();
    await Promise.all(Array.from({ length: 8 }, () => sender.send(payment())));
    expect(nonces).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(await balance()).toBe(had + 8n);
  });

  test('raises the fee of a transaction that nobody mines, and pays once', async () => {
    const offers: { nonce: number; fee: bigint }[] = [];
    await chain.ask('evm_setAutomine', false);
    const sender = await chain.sender(5, {
      raiseAfterMilliseconds: 150,
      onOffer: ({ nonce, fees }) => {
        offers.push({ nonce, fee: fees.maxFeePerGas });
        if (offers.length === 3) void chain.ask('anvil_mine');
      },
    });
    const had = await balance();
    const sent = mustBeSent(await sender.send(payment()));
    await chain.ask('anvil_mine');
    expect(new Set(offers.map(({ nonce }) => nonce))).toEqual(new Set([0]));
    expect(offers[2]!.fee * 100n).toBeGreaterThan(offers[1]!.fee * 110n);
    expect(await balance()).toBe(had + 1n);
    expect(sent.gasUsed).toBe(21_000n);
  });

  test('keeps waiting for what it offered when the account cannot pay a raised fee', async () => {
    const signer = keySigner(privateKeyToAccount(`0x${'08'.repeat(32)}`));
    await chain.ask('anvil_setBalance', signer.address, toHex(parseEther('1')));
    await chain.ask('evm_setAutomine', false);
    let offers = 0;
    const onOffer = (): void => {
      offers++;
      if (offers === 3) setTimeout(() => void chain.ask('anvil_mine'), 50);
    };
    const options = { pollingMilliseconds: 20, raiseAfterMilliseconds: 200, onOffer };
    const sender = createSender({ connection: chain.connection, signer, ...options });
    const { gas, value, fees } = await sender.prepare(payment());
    await chain.ask('anvil_setBalance', signer.address, toHex(value + (gas * fees.maxFeePerGas * 21n) / 20n));
    expect(mustBeSent(await sender.send(payment())).gasUsed).toBe(21_000n);
    expect(offers).toBeGreaterThanOrEqual(3);
  });

  test('gives up on one that is never mined, and names what is under way', async () => {
    await chain.ask('evm_setAutomine', false);
    const error = await failureOf((await chain.sender(6, { raiseAfterMilliseconds: 30 })).send(payment()));
    expect(error.code).toBe('chain.not-mined');
    expect(error.data['hashes']).toHaveLength(6);
    await chain.ask('anvil_dropAllTransactions');
  });

  test('notices that somebody else used the nonce', async () => {
    await chain.ask('evm_setAutomine', false);
    const other = await chain.sender(7, { raiseAfterMilliseconds: 60_000 });
    const sender = await chain.sender(7, {
      onOffer: () =>
        void chain.ask('anvil_setNonce', other.address, '0x5').then(() => chain.ask('anvil_dropAllTransactions')),
    });
    expect((await failureOf(sender.send(payment()))).code).toBe('chain.nonce-used');
  });

  test('waits for confirmations, and offers again what a reorganisation took out', async () => {
    await chain.ask('evm_setAutomine', false);
    const had = await balance();
    const before = await chain.ask('evm_snapshot');
    const sender = await chain.sender(8, { confirmations: 3, raiseAfterMilliseconds: 2_000 });
    const sending = sender.send(payment());
    let settled = false;
    void sending.then(() => (settled = true));
    const pause = () => new Promise((resolve) => setTimeout(resolve, 200));
    await pause();
    await chain.ask('anvil_mine', '0x2');
    await pause();
    expect([settled, await balance()]).toEqual([false, had + 1n]);
    await chain.ask('evm_revert', before);
    expect(await balance()).toBe(had);
    for (let block = 0; block < 40 && !settled; block++) {
      await pause();
      await chain.ask('anvil_mine');
    }
    await sending;
    expect(await balance()).toBe(had + 1n);
  });

  test('with a key of its own signs here', async () => {
    const signer = keySigner(privateKeyToAccount(`0x${'07'.repeat(32)}`));
    await chain.ask('anvil_setBalance', signer.address, '0xde0b6b3a7640000');
    const sender = createSender({ connection: chain.connection, signer, pollingMilliseconds: 20 });
    expect(mustBeSent(await sender.send(payment())).gasUsed).toBe(21_000n);
  });
});

describe('--unlocked', () => {
  test('takes a number or an address that the node holds, on a local chain only', async () => {
    const { connection } = chain;
    const { address } = await unlockedSigner(connection, '1');
    expect((await unlockedSigner(connection, address.toLowerCase())).address).toBe(address);
    for (const which of ['10', '-1', '1e1', '', SOMEBODY, '\u001b[2J']) {
      expect((await failureOf(unlockedSigner(connection, which))).code).toBe('chain.not-unlocked');
    }
    const elsewhere = { ...(await connect(chain.url)), chainId: 1 };
    expect((await failureOf(unlockedSigner(elsewhere, '0'))).code).toBe('chain.unlocked-elsewhere');
  });
});
