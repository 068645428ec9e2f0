import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encodeFunctionResult } from 'viem';
import { gameAbi } from '../../contracts/generated/game.js';
import { connect } from '../../src/chain/connection.js';
import { newestBlock } from '../../src/chain/game-blocks.js';
import { readSummary } from '../../src/chain/games.js';
import { type Market, readClaim, readCounts, readJob } from '../../src/chain/market.js';
import { readToken } from '../../src/chain/token.js';

/** What the node answers to `eth_call`, whatever it was asked. */
let answer: unknown = '0x';
/** An error that it answers instead to all but the chain's number. */
let refusal: object | null = null;
let server: Server;
let market: Market;

beforeAll(async () => {
  server = createServer((incoming, response) => {
    let body = '';
    incoming.on('data', (piece) => {
      body += piece;
    });
    incoming.on('end', () => {
      const { id, method } = JSON.parse(body) as { id: number; method: string };
      const result = method === 'eth_chainId' ? '0x1' : answer;
      response.setHeader('content-type', 'application/json');
      const refuses = refusal !== null && method !== 'eth_chainId';
      response.end(JSON.stringify({ jsonrpc: '2.0', id, ...(refuses ? { error: refusal } : { result }) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const connection = await connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const limits = { minClock: 1, minWindow: 1, solverGas: 1, challengerGas: 1, burnPercent: 50 };
  market = { connection, address: `0x${'ab'.repeat(20)}`, limits, fromBlock: 0n };
});
afterAll(() => void server.close());

const ADDRESS = `0x${'11'.repeat(20)}` as const;
const HASH = `0x${'22'.repeat(32)}` as const;
const TERMS = {
  program: HASH,
  genesis: HASH,
  token: ADDRESS,
  steps: 1,
  window: 1,
  clock: 1,
  reward: 1n,
  minBond: 1n,
  trainTime: 1,
  openUntil: 1,
  checkpointLog2: 0,
};

function jobAnswer(status: number, change: object = {}): string {
  const result = { terms: { ...TERMS, ...change }, client: ADDRESS, deadline: 0, status, solver: ADDRESS, bond: 0n };
  return encodeFunctionResult({ abi: gameAbi, functionName: 'getJob', result });
}

describe('a node that answers nonsense', () => {
  test.each([
    ['nothing', '0x'],
    ['too little', '0x1234'],
    ['no text', 7],
    ['null', null],
    ['no hexadecimal digits', '0xzz'],
    ['a field out of range', `0x${'ff'.repeat(512)}`],
  ])('%s', async (_what, nonsense) => {
    answer = nonsense;
    for (const read of [readJob(market, 1n), readClaim(market, 1n), readCounts(market), readSummary(market, 1n)]) {
      await expect(read).rejects.toMatchObject({ code: 'chain.invalid-answer', exitCode: 5 });
    }
    await expect(readToken(market.connection, ADDRESS)).rejects.toMatchObject({ exitCode: 5 });
  });

  test.each([
    ['no block', null],
    ['a number', 7],
    ['a block without a number', { hash: HASH, timestamp: '0x1' }],
    ['a block without a hash', { number: '0x1', hash: null, timestamp: '0x1' }],
    ['a block of the far future', { number: '0x1', hash: HASH, timestamp: `0x${'ff'.repeat(8)}` }],
  ])('%s where the newest block is asked for', async (_what, nonsense) => {
    answer = nonsense;
    await expect(newestBlock(market.connection)).rejects.toMatchObject({ code: 'chain.invalid-answer' });
  });

  test('a revert where nothing is called, and an error without a text', async () => {
    refusal = { code: 3, message: 'execution reverted', data: '0x08c379a0' };
    await expect(newestBlock(market.connection)).rejects.toMatchObject({ code: 'chain.rpc-failed' });
    await expect(readSummary(market, 1n)).rejects.toMatchObject({ code: 'chain.invalid-answer' });
    refusal = [{}];
    await expect(newestBlock(market.connection)).rejects.toMatchObject({
      code: 'chain.rpc-failed',
      message: expect.not.stringMatching(/: undefined/),
    });
    refusal = null;
  });

  test('a status that does not exist', async () => {
    answer = jobAnswer(5);
    await expect(readJob(market, 1n)).rejects.toMatchObject({ code: 'chain.invalid-answer' });
  });

  test.each([
    ['no steps', { steps: 0 }],
    ['an interval that no job has', { checkpointLog2: 255 }],
  ])('%s', async (_what, change) => {
    answer = jobAnswer(1, change);
    await expect(readJob(market, 1n)).rejects.toMatchObject({ code: 'chain.invalid-answer' });
  });

  // The places of steps, window, clock, reward, least bond, time to train, openUntil, e and status among the words.
  test.each([3, 4, 5, 6, 7, 8, 9, 10, 13])('word %i of a job beyond its type', async (at) => {
    const words = jobAnswer(1).slice(2).match(/.{64}/g)!;
    answer = `0x${words.with(at, 'ff'.repeat(32)).join('')}`;
    await expect(readJob(market, 1n)).rejects.toMatchObject({ code: 'chain.invalid-answer' });
  });

  test('while a right answer is read', async () => {
    answer = jobAnswer(1);
    expect(await readJob(market, 1n)).toMatchObject({ id: 1n, status: 'open', terms: { steps: 1 } });
    answer = jobAnswer(0);
    await expect(readJob(market, 1n)).rejects.toMatchObject({ code: 'market.no-such-job' });
  });
});
