/** Receipts on a chain that makes a block for each transaction, and no block after it. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, type TransactionReceipt, TransactionReceiptNotFoundError } from 'viem';
import { getTransactionReceipt } from 'viem/actions';
import type { Hex } from '../../src/commitments/hash.js';

const PATIENCE_MILLISECONDS = 60_000;
const PAUSE_MILLISECONDS = 5;

/**
 * Asks until it is there. viem's own `waitForTransactionReceipt` asks once for each new block: where the first question
 * comes before the only block, there is none to wait for.
 */
export async function receiptOf(client: Client, hash: Hex): Promise<TransactionReceipt> {
  for (const end = Date.now() + PATIENCE_MILLISECONDS; ; await pause(PAUSE_MILLISECONDS)) {
    try {
      return await getTransactionReceipt(client, { hash });
    } catch (error) {
      if (!(error instanceof TransactionReceiptNotFoundError) || Date.now() > end) throw error;
    }
  }
}
