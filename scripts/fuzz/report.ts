/** What a person, a script and the next developer get: a table, a document, a file for each finding. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding, TargetResult } from './run-target.js';

const HEADINGS = ['group', 'target', 'inputs', 'accepted', 'refused', 'inputs/s', 'findings'];

/** One row for each target. */
export function formatTable(results: readonly TargetResult[]): string {
  const rows = results.map(({ group, target, inputs, accepted, refused, findings, ...result }) => [
    ...[group, target],
    ...[inputs, accepted, refused, inputsPerSecond({ inputs, ...result }), findings.length].map(String),
  ]);
  const widths = HEADINGS.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ');
  return `${[HEADINGS, ...rows].map((cells) => line(cells).trimEnd()).join('\n')}\n`;
}

/** Inputs in a second, to two digits. */
export function inputsPerSecond({ inputs, milliseconds }: Pick<TargetResult, 'inputs' | 'milliseconds'>): number {
  return Number(((1000 * inputs) / Math.max(1, milliseconds)).toPrecision(2));
}

/** The command that makes a finding's input again. */
export function reproduction({ group, target, seed, input }: Finding): string {
  return `npm run fuzz -- --only ${group}/${target} --seed ${seed} --input ${input}`;
}

/** Writes a file for each finding; gives their paths. */
export async function writeFindings(results: readonly TargetResult[], folder: string): Promise<string[]> {
  const findings = results.flatMap((result) => result.findings);
  if (findings.length > 0) await mkdir(folder, { recursive: true });
  return Promise.all(
    findings.map(async (finding) => {
      const path = join(
        folder,
        `${finding.group}-${finding.target.replaceAll(' ', '-')}-${finding.seed}-${finding.input}.json`,
      );
      const document = { schema: 'gensyn.finding/1', reproduce: reproduction(finding), ...finding };
      await writeFile(path, `${JSON.stringify(document, null, 2)}\n`);
      return path;
    }),
  );
}
