/**
 * `claim.json` beside a run: which claim on which chain this run backs. Whoever defends the claim finds the run by it, and
 * whoever tidies up sees that the checkpoints are still needed.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Hex } from '../commitments/hash.js';
import { parseJsonStrict } from '../data/strict-json.js';
import { fail } from '../errors/index.js';
import { readBoundedFile, writeFileAtomically } from '../files/atomic-file.js';

export interface ClaimRecord {
  readonly schema: 'gensyn.claim/1';
  readonly chainId: number;
  /** Of the contract `Game`. */
  readonly contract: Hex;
  /** Numbers of job and claim: decimal texts. */
  readonly job: string;
  readonly claim: string;
  readonly jobHash: Hex;
  readonly finalRoot: Hex;
  readonly traceRoot: Hex;
  readonly solver: Hex;
  /** The transaction that claimed; null where it was found on the chain afterwards. */
  readonly txHash: Hex | null;
}

const MAX_BYTES = 8192;

const hex = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-fA-F]{${2 * bytes}}$`), `not 0x and ${2 * bytes} hexadecimal digits`)
    .transform((text) => text as Hex);
const number = z.string().regex(/^[1-9][0-9]{0,19}$/, 'not a number from 1');

const RECORD = z.strictObject({
  schema: z.literal('gensyn.claim/1'),
  chainId: z.int().min(1),
  contract: hex(20),
  job: number,
  claim: number,
  jobHash: hex(32),
  finalRoot: hex(32),
  traceRoot: hex(32),
  solver: hex(20),
  txHash: hex(32).nullable(),
});

/** Where a run keeps it. */
export function claimRecordPath(run: string): string {
  return join(run, 'claim.json');
}

/** Writes the record, whole or not at all. @throws `run.not-writable`, `run.disk-full` */
export async function writeClaimRecord(run: string, record: ClaimRecord): Promise<void> {
  await writeFileAtomically(claimRecordPath(run), `${JSON.stringify(record, null, 2)}\n`);
}

/** Reads the record of a run; null where there is none. @throws `market.claim-record-invalid` */
export async function readClaimRecord(run: string): Promise<ClaimRecord | null> {
  const path = claimRecordPath(run);
  if (!existsSync(path)) return null;
  const bytes = await readBoundedFile(path, 'record of a claim', MAX_BYTES);
  const parsed = RECORD.safeParse(parseJsonStrict(bytes, { maxBytes: MAX_BYTES, maxDepth: 2, name: path }));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const reason = `${issue?.path.join('.') || 'document'}: ${issue?.message.slice(0, 80)}`;
  throw fail('market.claim-record-invalid', { path, reason });
}
