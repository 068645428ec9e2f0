/** Gives inputs to one target until its time is over. */
import { performance } from 'node:perf_hooks';
import { inputRandom } from './input-seed.js';
import type { Bounds, Fuzzer, Outcome, Target } from './target.js';

export interface Finding {
  readonly group: string;
  readonly target: string;
  readonly seed: number;
  /** Number of the input. */
  readonly input: number;
  /** In a sentence. */
  readonly problem: string;
  /** Stacks, where there are any. */
  readonly detail: string;
  /** What was given to the target, in base64; empty where that is not known. */
  readonly content: string;
}

export interface TargetResult {
  readonly group: string;
  readonly target: string;
  readonly inputs: number;
  readonly accepted: number;
  readonly refused: number;
  /** Milliseconds spent on inputs, without making the target ready. */
  readonly milliseconds: number;
  readonly findings: readonly Finding[];
}

export interface RunTargetParameters {
  readonly group: string;
  readonly target: Target;
  readonly seed: number;
  readonly milliseconds: number;
  /** Only this input. */
  readonly only?: number | undefined;
  /** Called before each input. */
  readonly onInput?: (input: number) => void;
}

/** A target that breaks its rule all the time has said enough. */
const MOST_FINDINGS = 5;
const UNIT_BYTES = 65536;
const ATTEMPTS = 3;

/** Runs one target: at least one input, then until its time is over. Its first input is number 0. */
export async function runTarget(parameters: RunTargetParameters): Promise<TargetResult> {
  const { group, target, seed, milliseconds, only, onInput } = parameters;
  const fuzzer = await target.open();
  const counts = { inputs: 0, accepted: 0, refused: 0 };
  const findings: Finding[] = [];
  const begin = performance.now();
  try {
    for (let input = only ?? 0; findings.length < MOST_FINDINGS; input++) {
      onInput?.(input);
      const made = fuzzer.make(inputRandom(seed, `${group}/${target.name}`, input));
      counts.inputs++;
      try {
        counts[await checkInput(fuzzer, made, target.bounds ?? {})]++;
      } catch (error) {
        const content = Buffer.from(fuzzer.show(made)).toString('base64');
        findings.push({ group, target: target.name, seed, input, ...describe(error), content });
      }
      if (only !== undefined || performance.now() - begin >= milliseconds) break;
    }
  } finally {
    await fuzzer.close?.();
  }
  return { group, target: target.name, ...counts, milliseconds: performance.now() - begin, findings };
}

async function checkInput(fuzzer: Fuzzer, input: unknown, { milliseconds, bytes }: Bounds): Promise<Outcome> {
  if (milliseconds === undefined && bytes === undefined) return fuzzer.check(input);
  const factor = 1 + Math.floor(fuzzer.show(input).length / UNIT_BYTES);
  const [before, begin] = [process.memoryUsage().external, performance.now()];
  const outcome = await fuzzer.check(input);
  const [took, grown] = [performance.now() - begin, process.memoryUsage().external - before];
  if (bytes !== undefined && grown > bytes * factor) {
    throw new Error(`it took ${grown} bytes of memory; the bound is ${bytes * factor}`);
  }
  if (milliseconds !== undefined && took > milliseconds * factor) {
    await requireFast(fuzzer, input, milliseconds * factor);
  }
  return outcome;
}

/** A machine that does other things too may be slow once; a parser is slow every time. */
async function requireFast(fuzzer: Fuzzer, input: unknown, bound: number): Promise<void> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const begin = performance.now();
    await fuzzer.check(input);
    fastest = Math.min(fastest, performance.now() - begin);
  }
  if (fastest <= bound) return;
  throw new Error(`it took ${Math.round(fastest)} ms at best; the bound is ${bound} ms`);
}

function describe(error: unknown): { problem: string; detail: string } {
  const stacks: string[] = [];
  for (let at: unknown = error; at instanceof Error && stacks.length < 8; at = at.cause)
    stacks.push(at.stack ?? String(at));
  const problem = error instanceof Error ? `${error.name}: ${error.message}` : `threw ${String(error)}`;
  return { problem: problem.slice(0, 2000), detail: stacks.join('\ncaused by: ') };
}
