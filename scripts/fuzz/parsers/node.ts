/** Answers of a node that lies: a server on the loopback address gives them to everything that reads a chain. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeFunctionResult, zeroHash } from 'viem';
import { gameAbi } from '../../../contracts/generated/game.js';
import { type Connection, connect } from '../../../src/chain/connection.js';
import { listGames, readSummary } from '../../../src/chain/games.js';
import { type Market, readClaim, readCounts, readJob } from '../../../src/chain/market.js';
import { newestClaims, newestJobs } from '../../../src/chain/market-search.js';
import { readToken } from '../../../src/chain/token.js';
import type { Random } from '../../../test/referee/random-operators.js';
import { mutateBytes } from '../mutate-bytes.js';
import { mutateJson } from '../mutate-json.js';
import { outcomeOf } from '../outcome.js';
import { type Bounds, defineTarget, type Fuzzer, type Target } from '../target.js';

const ADDRESS = `0x${'11'.repeat(20)}` as const;
const HASH = `0x${'22'.repeat(32)}` as const;
/** Some readings wait for a chain to become consistent. */
const NODE_BOUNDS: Bounds = { milliseconds: 10_000, bytes: 128 << 20 };

/** What is asked, and what the node answers to `eth_call`, to everything else, and with which HTTP status. */
interface Question {
  readonly reader: keyof typeof READERS;
  readonly call: unknown;
  readonly answers: Uint8Array | null;
  readonly status: number;
}

const READERS = {
  job: (market: Market) => readJob(market, 1n),
  claim: (market: Market) => readClaim(market, 1n),
  counts: (market: Market) => readCounts(market),
  summary: (market: Market) => readSummary(market, 1n),
  games: (market: Market) => listGames(market),
  jobs: (market: Market) => newestJobs(market, 3, 1n),
  claims: (market: Market) => newestClaims(market, 3, 1n),
  token: ({ connection }: Market) => readToken(connection, ADDRESS),
};
const NAMES = Object.keys(READERS) as (keyof typeof READERS)[];

export const NODE_TARGETS: readonly Target[] = [defineTarget({ name: 'node', bounds: NODE_BOUNDS, open: openNode })];

async function openNode(): Promise<Fuzzer<Question>> {
  const node: { question: Question | null } = { question: null };
  const server = await serve(node);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connection = await connect(url, { timeout: 2000 });
  return {
    make: question,
    check: async (asked) => {
      node.question = asked;
      return outcomeOf(() => READERS[asked.reader](marketOf(connection)));
    },
    show: ({ reader, call, answers, status }) =>
      JSON.stringify({ reader, call, status, answers: answers && Buffer.from(answers).toString() }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function marketOf(connection: Connection): Market {
  const limits = { minClock: 1, minWindow: 1, solverGas: 1, challengerGas: 1, burnPercent: 50 };
  return { connection, address: ADDRESS, limits, fromBlock: 0n };
}

async function serve(node: { readonly question: Question | null }): Promise<Server> {
  const server = createServer(async (incoming, response) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of incoming) pieces.push(piece as Uint8Array);
    const { id, method } = JSON.parse(Buffer.concat(pieces).toString()) as { id: number; method: string };
    const { question } = node;
    response.setHeader('content-type', 'application/json');
    response.statusCode = question?.status ?? 200;
    if (method !== 'eth_chainId' && question?.answers) return void response.end(question.answers);
    const result = method === 'eth_call' ? question?.call : right(method);
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** What an honest node says. */
function right(method: string): unknown {
  if (method === 'eth_chainId') return '0x1';
  if (method === 'eth_getLogs') return [];
  return { number: '0x1', hash: HASH, timestamp: '0x1', parentHash: zeroHash, transactions: [] };
}

const TERMS = {
  ...{ program: HASH, genesis: HASH, token: ADDRESS, steps: 1, window: 1, clock: 1, reward: 1n, minBond: 1n },
  ...{ trainTime: 1, openUntil: 1, checkpointLog2: 0 },
};
const JOB = { terms: TERMS, client: ADDRESS, deadline: 0, status: 1, solver: ADDRESS, bond: 0n };
const CALLS: readonly Uint8Array[] = [
  encodeFunctionResult({ abi: gameAbi, functionName: 'getJob', result: JOB }),
  encodeFunctionResult({ abi: gameAbi, functionName: 'jobCount', result: 2n }),
  `0x${'00'.repeat(31)}20${'00'.repeat(31)}03${'45544800'.padEnd(64, '0')}`,
].map((text) => new Uint8Array(Buffer.from(text.slice(2), 'hex')));

const DOCUMENTS: readonly Uint8Array[] = [
  { jsonrpc: '2.0', id: 1, result: right('eth_getBlockByNumber') },
  { jsonrpc: '2.0', id: 1, result: [logOf()] },
  { jsonrpc: '2.0', id: 1, error: { code: -32000, message: 'execution reverted', data: '0x08c379a0' } },
].map((document) => new Uint8Array(Buffer.from(JSON.stringify(document))));

function logOf(): object {
  return { address: ADDRESS, topics: [HASH], data: '0x', blockNumber: '0x1', logIndex: '0x0', transactionHash: HASH };
}

function question(random: Random): Question {
  const reader = NAMES[random.below(NAMES.length)]!;
  const odd = [7, null, {}, '0x', '0xzz', '0x1', [], `0x${'ff'.repeat(2000)}`];
  const words = `0x${Buffer.from(mutateBytes(random, CALLS)).toString('hex')}`;
  const call = random.below(5) === 0 ? odd[random.below(odd.length)] : words;
  const answers = random.below(3) === 0 ? mutateJson(random, DOCUMENTS) : null;
  const status = random.below(10) === 0 ? [204, 302, 400, 404, 429, 500][random.below(6)]! : 200;
  return { reader, call, answers, status };
}
