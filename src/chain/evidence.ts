/**
 * The evidence file: between which two leaves a claim is wrong, and which replays say so. It only spares a search: whoever
 * opens a game with it proves the leaves against the chain and replays the interval himself.
 */
import { z } from 'zod';
import { fromHex, type Hash, type Hex, toHex } from '../commitments/hash.js';
import { parseJsonStrict } from '../data/strict-json.js';
import { fail, isGensynError } from '../errors/index.js';
import { readBoundedFile, writeFileAtomically } from '../files/atomic-file.js';
import type { Opening } from '../game/open-game.js';
import type { Address } from './signer.js';

export interface Evidence {
  readonly chainId: number;
  /** The contract `Game`. */
  readonly game: Address;
  readonly claim: bigint;
  readonly job: bigint;
  readonly jobHash: Hash;
  readonly opening: Omit<Opening, 'bond'>;
  /** The backends of the two replays, which agreed. */
  readonly replays: readonly [string, string];
}

const MAX_BYTES = 64 << 10;
/** A trace has at most 2^32 + 1 leaves. */
const MAX_SIBLINGS = 33;
const SHOWN = 80;

const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const number = z.string().regex(/^(?:0|[1-9][0-9]{0,19})$/);
const leaf = z.strictObject({
  leaf: z.int().min(0).max(0xffffffff),
  root: hash,
  siblings: z.array(hash).max(MAX_SIBLINGS),
});
const EVIDENCE = z.strictObject({
  schema: z.literal('gensyn.evidence/1'),
  chainId: z.int().min(1),
  game: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
  claim: number,
  job: number,
  jobHash: hash,
  left: leaf,
  right: leaf,
  replays: z.tuple([z.string().max(40), z.string().max(40)]),
});

/** The text of the file. */
export function formatEvidence({ opening, jobHash, claim, job, replays, chainId, game }: Evidence): string {
  const { i, leafI, pathI, j, leafJ, pathJ } = opening;
  const end = (at: number, root: Hash, path: readonly Hash[]) => ({
    leaf: at,
    root: toHex(root),
    siblings: path.map(toHex),
  });
  const document = {
    schema: 'gensyn.evidence/1',
    chainId,
    game,
    claim: String(claim),
    job: String(job),
    jobHash: toHex(jobHash),
    left: end(i, leafI, pathI),
    right: end(j, leafJ, pathJ),
    replays,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Writes the file, whole or not at all. @throws `run.not-writable`, `run.disk-full`, `run.not-a-folder` */
export async function writeEvidence(path: string, evidence: Evidence): Promise<void> {
  await writeFileAtomically(path, formatEvidence(evidence));
}

/** Reads a file of a stranger. @throws `run.missing`, `run.not-readable`, `dispute.evidence-invalid` */
export async function readEvidence(path: string): Promise<Evidence> {
  const content = await readBoundedFile(path, 'evidence file', MAX_BYTES).catch((cause: unknown) => {
    if (!isGensynError(cause, 'run.too-large')) throw cause;
    throw fail('dispute.evidence-invalid', { path, reason: 'it is too large' }, { cause });
  });
  return parseEvidence(content, path);
}

/** Checks the form of a file. @throws `dispute.evidence-invalid` */
export function parseEvidence(content: Uint8Array | string, path: string): Evidence {
  const invalid = (reason: string, cause?: unknown) => fail('dispute.evidence-invalid', { path, reason }, { cause });
  let document: unknown;
  try {
    document = parseJsonStrict(content, { maxBytes: MAX_BYTES, maxDepth: 6, name: path });
  } catch (cause) {
    throw invalid('it is not proper JSON', cause);
  }
  const parsed = EVIDENCE.safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = issue?.path.join('.').slice(0, SHOWN) || 'document';
    throw invalid(`${place}: ${issue?.message.slice(0, SHOWN)}`);
  }
  const { left, right, claim, job, jobHash, game, chainId, replays } = parsed.data;
  const opening = {
    ...{ i: left.leaf, leafI: fromHex(left.root), pathI: left.siblings.map((it) => fromHex(it)) },
    ...{ j: right.leaf, leafJ: fromHex(right.root), pathJ: right.siblings.map((it) => fromHex(it)) },
  };
  const numbers = { claim: BigInt(claim), job: BigInt(job) };
  return { chainId, game: game as Hex, ...numbers, jobHash: fromHex(jobHash), opening, replays };
}
