/** Reads the reports that shards left behind. They come from other machines: hostile until checked. */
import { z } from 'zod';
import { parseJsonStrict } from '../data/strict-json.js';
import { fail } from '../errors/index.js';
import { readBoundedFile } from '../files/atomic-file.js';
import type { VerificationReport } from './verdict.js';

const MAX_REPORT_BYTES = 2 ** 26;

const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const count = z.int().min(0).max(0xffffffff);
const probability = z.number().min(0).max(1);
const word = z.object({ value: z.union([z.number(), z.string().max(20)]), bits: z.string().max(10) });

const bits = z.string().max(10);
const text = z.string().max(100);
const state = z.object({ pc: count, registers: z.array(bits).length(32), hash });

const INSTRUCTION = z.object({
  index: count,
  of: count,
  opcode: text,
  pc: count,
  text,
  loop: text.nullable(),
  operands: z.array(word.extend({ name: text })).max(4),
  before: state,
  expected: state,
  claimed: state,
  result: z.object({ name: text, expected: word, claimed: word }).nullable(),
});

const REPORT = z.object({
  verdict: z.enum(['verified', 'diverged', 'inconclusive']),
  run: z.string().max(4096),
  jobHash: hash,
  traceRoot: hash,
  steps: count,
  checked: z.object({ intervals: count, of: count, list: z.array(count).max(2 ** 20) }),
  detectionProbability: z.object({ oneInterval: probability, onePercent: probability, tenPercent: probability }),
  divergence: z
    .object({
      checkpoint: count,
      steps: z.object({ from: count, to: count }),
      stateRoot: z.object({ expected: hash, claimed: hash }),
      step: count.exactOptional(),
      operator: z.object({ index: count, kind: z.string().max(100), label: z.string().max(1000) }).exactOptional(),
      tensor: z.string().max(1000).exactOptional(),
      element: count.exactOptional(),
      instruction: INSTRUCTION.exactOptional(),
      expected: word.exactOptional(),
      claimed: word.exactOptional(),
      wrongRun: z.enum(['run', 'against', 'both']).exactOptional(),
    })
    .nullable(),
  inconclusive: z.array(z.object({ interval: count, reason: z.string().max(1000) })).max(2 ** 20),
  backend: z.string().max(100),
});

const DOCUMENT = z.object({ schema: z.literal('gensyn.verify/1'), ok: z.literal(true), result: REPORT });

/** Reads a file that `gensyn verify --json` printed. @throws `run.report-invalid`, `run.missing`, `data.json-…` */
export async function readReport(path: string): Promise<VerificationReport> {
  return parseReport(await readBoundedFile(path, 'verification report', MAX_REPORT_BYTES), path);
}

/** See {@link readReport}. `path` is only for messages. */
export function parseReport(bytes: Uint8Array, path: string): VerificationReport {
  const parsed = DOCUMENT.safeParse(parseJsonStrict(bytes, { maxBytes: MAX_REPORT_BYTES, name: path }));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw fail('run.report-invalid', { path, reason: `${issue?.path.join('.') || 'document'}: ${issue?.message}` });
  }
  const report = parsed.data.result;
  const { list, of, intervals } = report.checked;
  const ascending = list.every((interval, at) => interval < of && (at === 0 || interval > list[at - 1]!));
  if (!ascending || intervals !== list.length) {
    throw fail('run.report-invalid', { path, reason: 'its list of intervals does not fit its counts' });
  }
  return report;
}
