/**
 * Gives random inputs to everything that reads what others wrote, and random work to everything that exists twice, for a
 * bounded time. `docs/testing.md` says what each group checks.
 *
 *     node dist/scripts/fuzz/main.js [--seconds 60] [--only parsers,game] [--seed 1] [--input 7] [--out folder] [--json]
 */
import process from 'node:process';
import { EXIT_CODES, OUTCOME_CODES } from '../../src/errors/index.js';
import { type FuzzOptions, readOptions, USAGE, UsageError } from './options.js';
import { formatTable, inputsPerSecond, reproduction, writeFindings } from './report.js';
import { runGroup } from './run-group.js';
import type { TargetResult } from './run-target.js';
import { SHARES } from './target.js';

process.exitCode = await fuzz(process.argv.slice(2));

async function fuzz(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args);
    if (options !== null) return await run(options);
    process.stdout.write(USAGE);
    return OUTCOME_CODES.done;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`error: ${error.message}\n\n${USAGE}`);
    return EXIT_CODES.usage;
  }
}

/** Every group gets its share of the time that is left. */
async function run({ only, seconds, out, json, ...order }: FuzzOptions): Promise<number> {
  const results: TargetResult[] = [];
  const end = performance.now() + 1000 * seconds;
  for (const [at, selected] of only.entries()) {
    if (!json)
      process.stderr.write(`${[selected.group, selected.target].filter((name) => name !== undefined).join('/')} …\n`);
    const shares = only.slice(at).map(({ group }) => SHARES[group]);
    const part = SHARES[selected.group] / shares.reduce((total, share) => total + share, 0);
    const milliseconds = Math.max(0, end - performance.now()) * part;
    results.push(...(await runGroup({ ...selected, ...order, milliseconds })));
  }
  const files = await writeFindings(results, out);
  process.stdout.write(json ? document(results, files, order.seed) : formatTable(results));
  if (!json) for (const line of describe(results, files)) process.stderr.write(`${line}\n`);
  return files.length === 0 ? OUTCOME_CODES.done : OUTCOME_CODES.negativeVerdict;
}

function document(results: readonly TargetResult[], files: readonly string[], seed: number): string {
  const targets = results.map(({ findings, milliseconds, ...result }) => ({
    ...result,
    inputsPerSecond: inputsPerSecond({ ...result, milliseconds }),
    findings: findings.map((finding) => ({ problem: finding.problem, reproduce: reproduction(finding) })),
  }));
  return `${JSON.stringify({ schema: 'gensyn.fuzz/1', seed, targets, files })}\n`;
}

function describe(results: readonly TargetResult[], files: readonly string[]): string[] {
  const findings = results.flatMap((result) => result.findings);
  return findings.flatMap((finding, at) => [
    '',
    `${finding.group}/${finding.target}: ${finding.problem.split('\n')[0]}`,
    `  ${files[at]}`,
    `  ${reproduction(finding)}`,
  ]);
}
