/** The events of games, read in pieces that nodes answer, and believed only as far as their form goes. */
import { type AbiEvent, decodeEventLog, encodeEventTopics, getAbiItem, toHex as numberToHex, pad } from 'viem';
import { z } from 'zod';
import { gameAbi } from '../../contracts/generated/game.js';
import { fail, isGensynError } from '../errors/index.js';
import { request } from './connection.js';
import type { Market } from './market.js';
import type { Address } from './signer.js';

type Hex = `0x${string}`;

const NAMES = ['Opened', 'Revealed', 'Selected', 'Resolved', 'Collected'] as const;
type EventName = (typeof NAMES)[number];

/** An event of our contract, decoded. */
export interface GameLog {
  readonly name: EventName;
  readonly args: Readonly<Record<string, unknown>>;
  readonly block: bigint;
  readonly logIndex: number;
  readonly txHash: Hex;
}

/** Blocks that are asked for at once; halved where a node refuses. */
const PIECE = 8192n;
/** More than any game can have: its levels allow 17 moves a side. */
const MAX_GAME_LOGS = 256;
/** Games of one list. */
const MAX_OPENED = 10_000;

const quantity = z
  .string()
  .regex(/^0x[0-9a-f]{1,16}$/i)
  .transform(BigInt);
const word = z.string().regex(/^0x[0-9a-f]{64}$/i);
const LOGS = z.array(
  z.object({
    address: z.string().regex(/^0x[0-9a-f]{40}$/i),
    topics: z.array(word).min(1).max(4),
    data: z
      .string()
      .max(1 << 16)
      .regex(/^0x(?:[0-9a-f]{2})*$/i),
    blockNumber: quantity,
    logIndex: quantity,
    transactionHash: word,
  }),
);

/** All events of one game up to a block, oldest first. Read backwards, since games are young. */
export async function logsOfGame(market: Market, id: bigint, upTo: bigint): Promise<GameLog[]> {
  const topics = [NAMES.map(topicOf), pad(numberToHex(id))];
  const logs: GameLog[] = [];
  for await (const piece of piecesBackwards(market, topics, upTo)) {
    logs.unshift(...piece.filter(({ args }) => args['game'] === id));
    if (logs.length > MAX_GAME_LOGS)
      throw fail('dispute.too-many-events', { limit: MAX_GAME_LOGS, what: `game ${id}` });
    if (logs.some(({ name }) => name === 'Opened')) break;
  }
  return logs;
}

export interface OpenedFilter {
  readonly claim?: bigint;
  readonly challenger?: Address;
  /** The first block to look at; the market's own unless told. */
  readonly fromBlock?: bigint;
}

/** The openings up to a block, oldest first. @throws `dispute.too-many-events` */
export async function openings(market: Market, filter: OpenedFilter, upTo: bigint): Promise<GameLog[]> {
  const { claim, challenger, fromBlock } = filter;
  const topics = [
    topicOf('Opened'),
    null,
    claim === undefined ? null : pad(numberToHex(claim)),
    challenger === undefined ? null : pad(challenger),
  ];
  const logs: GameLog[] = [];
  for await (const piece of piecesBackwards(market, topics, upTo, fromBlock)) {
    logs.unshift(...piece);
    if (logs.length > MAX_OPENED)
      throw fail('dispute.too-many-events', { limit: MAX_OPENED, what: 'the games of the market' });
  }
  return logs;
}

type Topics = readonly (Hex | readonly Hex[] | null)[];

async function* piecesBackwards(
  market: Market,
  topics: Topics,
  upTo: bigint,
  from = market.fromBlock,
): AsyncGenerator<GameLog[]> {
  let size = PIECE;
  for (let to = upTo; to >= from; ) {
    const first = to - size + 1n > from ? to - size + 1n : from;
    try {
      yield await piece(market, topics, first, to);
      to = first - 1n;
    } catch (error) {
      // Nodes limit the range or the size of an answer, each with an error of its own.
      const refused = isGensynError(error, 'chain.rpc-failed') || isGensynError(error, 'chain.invalid-answer');
      if (!refused || size === 1n) throw error;
      size /= 2n;
    }
  }
}

async function piece(market: Market, topics: Topics, fromBlock: bigint, toBlock: bigint): Promise<GameLog[]> {
  const { connection, address } = market;
  const range = { fromBlock: numberToHex(fromBlock), toBlock: numberToHex(toBlock) };
  const parsed = LOGS.safeParse(await request(connection, 'eth_getLogs', [{ address, topics, ...range }]));
  if (!parsed.success) {
    const reason = parsed.error.issues[0]?.path.join('.').slice(0, 80) ?? 'its form';
    throw fail('chain.invalid-answer', { node: connection.node, method: 'eth_getLogs', reason });
  }
  return parsed.data
    .filter((log) => log.address.toLowerCase() === address.toLowerCase())
    .filter(({ blockNumber }) => fromBlock <= blockNumber && blockNumber <= toBlock)
    .flatMap((log) => decoded(log))
    .sort((a, b) => Number(a.block - b.block) || a.logIndex - b.logIndex);
}

/** The event, or nothing where it is none of these. */
function decoded(log: z.infer<typeof LOGS>[number]): GameLog[] {
  try {
    const [first, ...rest] = log.topics as [Hex, ...Hex[]];
    const event = decodeEventLog({ abi: gameAbi, data: log.data as Hex, topics: [first, ...rest], strict: true });
    const name = NAMES.find((known) => known === event.eventName);
    if (name === undefined) return [];
    const { blockNumber: block, logIndex, transactionHash } = log;
    const args = event.args as unknown as Readonly<Record<string, unknown>>;
    return [{ name, args, block, logIndex: Number(logIndex), txHash: transactionHash as Hex }];
  } catch {
    return [];
  }
}

function topicOf(name: EventName): Hex {
  const item = getAbiItem({ abi: gameAbi, name }) as AbiEvent;
  return encodeEventTopics({ abi: [item] })[0] as Hex;
}
