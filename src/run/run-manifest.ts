/** `run.json`: what a run folder is a run of, written once when the run begins. */
import { z } from 'zod';
import { fail } from '../errors/index.js';
import type { Fault } from './fault.js';
import { RUN_MACHINE, type RunMachine } from './run-machine.js';

/** Which checkpoints stay on disk: all of them, or the newest `n` (≥ 1). A sampling verifier needs all. */
export type KeepPolicy = 'all' | number;

export interface RunManifest {
  readonly schema: 'gensyn.run/1';
  readonly job: string;
  /** 0x-hex. */
  readonly jobHash: string;
  readonly arithmeticVersion: number;
  readonly backend: string;
  readonly canonical: boolean;
  /** What the bits of a run that is not canonical hang on; other runs have none. */
  readonly machine?: RunMachine;
  readonly steps: number;
  readonly checkpointEvery: number;
  readonly keep: KeepPolicy;
  /** The drill's fault, so that every later answer of this run repeats it. */
  readonly injectFault: Fault | null;
  readonly version: string;
}

const count = z.int().min(0).max(0xffffffff);

const MANIFEST = z.strictObject({
  schema: z.literal('gensyn.run/1'),
  job: z.string().max(200),
  jobHash: z.string().regex(/^0x[0-9a-f]{64}$/),
  arithmeticVersion: count,
  backend: z.string().regex(/^[a-z0-9-]{1,50}$/),
  canonical: z.boolean(),
  machine: RUN_MACHINE.exactOptional(),
  steps: count.min(1),
  checkpointEvery: count.min(1),
  keep: z.union([z.literal('all'), count.min(1)]),
  injectFault: z.strictObject({ step: count, operator: count, element: count, bit: count.max(31) }).nullable(),
  version: z.string().max(50),
});

/** Checks an already parsed `run.json`. */
export function parseRunManifest(document: unknown, path: string): RunManifest {
  const parsed = MANIFEST.safeParse(document);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw fail('run.manifest-invalid', { path, reason: `${issue?.path.join('.') || 'document'}: ${issue?.message}` });
}
