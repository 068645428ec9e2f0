/** Readers of the single files of a run, and of the reports about one. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatDocument } from '../../../commands/document.js';
import { referenceBackend } from '../../../src/backends/reference/reference-backend.js';
import { toHex } from '../../../src/commitments/hash.js';
import { parseJsonStrict } from '../../../src/data/strict-json.js';
import { checkpointPath, decodeCheckpoint } from '../../../src/run/checkpoint.js';
import { parseMetrics } from '../../../src/run/metrics-log.js';
import { parseRunManifest } from '../../../src/run/run-manifest.js';
import { parseTrace, type Trace, traceHeaderLine, traceLine } from '../../../src/run/trace-log.js';
import { loadRun, readClaim } from '../../../src/verify/load-run.js';
import { mergeReports } from '../../../src/verify/merge.js';
import { parseReport } from '../../../src/verify/parse-report.js';
import { verifyRun } from '../../../src/verify/verify-run.js';
import { parserTarget } from '../parser-target.js';
import { scratchFolder } from '../scratch.js';
import type { Target } from '../target.js';
import { toyBundle, trainToy } from '../toy-run.js';

const MAX_BYTES = 1 << 20;

export const RUN_TARGETS: readonly Target[] = [
  parserTarget('run-manifest', () =>
    withToyRun(async ({ run }) => ({
      form: 'json' as const,
      samples: [await bytesOf(run, 'run.json')],
      parse: (bytes: Uint8Array) => parseRunManifest(parseJsonStrict(bytes, { maxBytes: MAX_BYTES }), 'run.json'),
      write: (manifest: object) => JSON.stringify(manifest),
    })),
  ),
  parserTarget('trace', () =>
    withToyRun(async ({ run }) => ({
      form: 'bytes' as const,
      samples: [await bytesOf(run, 'trace.jsonl')],
      parse: (bytes: Uint8Array) => wholeTrace(parseTrace(bytes, 'trace.jsonl')),
      write: traceText,
    })),
  ),
  parserTarget('metrics', () =>
    withToyRun(async ({ run }) => ({
      form: 'bytes' as const,
      samples: [await bytesOf(run, 'metrics.jsonl')],
      parse: (bytes: Uint8Array) => parseMetrics(bytes, 'metrics.jsonl'),
      write: (records: readonly object[]) => records.map((record) => `${JSON.stringify(record)}\n`).join(''),
    })),
  ),
  parserTarget('checkpoint', checkpoints),
  parserTarget('report', reports),
];

/** Where a toy run lies while samples are taken from it. */
async function withToyRun<Result>(use: (place: { run: string }) => Promise<Result>): Promise<Result> {
  const scratch = await scratchFolder();
  try {
    return await use({ run: await trainToy(toyBundle(), scratch.path) });
  } finally {
    await scratch.remove();
  }
}

async function bytesOf(run: string, name: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(join(run, name)));
}

/** What counts of a trace: bytes behind the last whole line do not. */
function wholeTrace({ tornBytes: _, ...trace }: Trace): Omit<Trace, 'tornBytes'> {
  return trace;
}

function traceText({ header, records }: Omit<Trace, 'tornBytes'>): string {
  return `${[traceHeaderLine(header), ...records.map(traceLine)].join('\n')}\n`;
}

/** A file says the hashes of its own tensors, so that another state is another whole file; every file has one spelling. */
async function checkpoints() {
  const { hashes, program } = toyBundle();
  const job = toHex(hashes.job);
  const honest = await withToyRun(async ({ run }) => new Uint8Array(await readFile(checkpointPath(run, 4))));
  return {
    form: 'bytes' as const,
    samples: [honest],
    parse: (bytes: Uint8Array) => decodeCheckpoint(bytes, 'checkpoint', program, job, 4).state,
    // No mutation of a file can find the hashes of another state.
    write: () => honest,
    canonical: true,
  };
}

/** Reports, merged with an honest one as a judge of shards does. */
async function reports() {
  const { samples, claim } = await withToyRun(async ({ run }) => {
    const loaded = await loadRun(run);
    const parts = [[0, 1, 2], [0], [1, 2]].map((intervals) =>
      verifyRun({ run: loaded, intervals, backend: referenceBackend, threads: 1 }),
    );
    const documents = (await Promise.all(parts)).map((result) =>
      formatDocument({ command: 'verify', result, warnings: [], error: null, version: '0.0.0', durationMs: 1 }),
    );
    return { samples: documents.map((text) => new Uint8Array(Buffer.from(text))), claim: await readClaim(run) };
  });
  const honest = parseReport(samples[1]!, 'honest.json');
  return {
    form: 'json' as const,
    samples,
    parse: (bytes: Uint8Array) => mergeReports([parseReport(bytes, 'report.json'), honest], claim),
  };
}
