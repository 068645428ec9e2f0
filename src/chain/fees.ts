/** What a transaction offers for its gas, and what it offers when nobody takes it. */
import { fail } from '../errors/index.js';
import { type Connection, request } from './connection.js';
import { readSurely } from './read-surely.js';

/** Wei for one gas. */
export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

const GWEI = 1_000_000_000n;
/** No honest node asks for more; a dishonest one must not empty an account. */
const [MAX_BASE_FEE, MAX_TIP] = [5_000n * GWEI, 20n * GWEI];
const DEFAULT_TIP = GWEI / 1000n;
/** Nodes ask for a tenth more than the transaction that is replaced; one eighth at some. */
const [RAISE_NUMERATOR, RAISE_DENOMINATOR] = [5n, 4n];
/** How often a fee is raised at most: to three times what it was. */
export const MAX_RAISES = 5;

/** Fees with room for six full blocks in a row. @throws `chain.invalid-answer` */
export async function currentFees(connection: Connection): Promise<Fees> {
  const { client, node } = connection;
  const { baseFeePerGas } = await readSurely(connection, 'eth_getBlockByNumber', () =>
    client.getBlock({ blockTag: 'latest' }),
  );
  if (typeof baseFeePerGas !== 'bigint' || baseFeePerGas < 0n || baseFeePerGas > MAX_BASE_FEE) {
    const reason = `base fee ${String(baseFeePerGas).slice(0, 80)}`;
    throw fail('chain.invalid-answer', { node, method: 'eth_getBlockByNumber', reason });
  }
  const tip = await request(connection, 'eth_maxPriorityFeePerGas').then(
    (answer) => boundedTip(answer),
    // Not every node has the method; one that is lost is noticed by the next request.
    () => DEFAULT_TIP,
  );
  return { maxFeePerGas: 2n * baseFeePerGas + tip, maxPriorityFeePerGas: tip };
}

/** The next higher offer. */
export function raised({ maxFeePerGas, maxPriorityFeePerGas }: Fees): Fees {
  const raise = (fee: bigint): bigint => (fee * RAISE_NUMERATOR) / RAISE_DENOMINATOR + 1n;
  return { maxFeePerGas: raise(maxFeePerGas), maxPriorityFeePerGas: raise(maxPriorityFeePerGas) };
}

/** The highest offer that is ever made. */
export function highest(fees: Fees): Fees {
  let last = fees;
  for (let raise = 0; raise < MAX_RAISES; raise++) last = raised(last);
  return last;
}

function boundedTip(answer: unknown): bigint {
  if (typeof answer !== 'string' || !/^0x[0-9a-f]{1,32}$/i.test(answer)) return DEFAULT_TIP;
  const tip = BigInt(answer);
  return tip > MAX_TIP ? MAX_TIP : tip;
}
