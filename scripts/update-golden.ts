/**
 * Writes `fixtures/golden.json`:
 *
 *     node dist/scripts/update-golden.js [--force]
 *
 * A hash in it changes only together with `ARITHMETIC_VERSION` (src/numerics/instructions.ts): whatever makes another
 * hash of the same job makes every run of it that exists unverifiable. So the script adds fixtures that are new, and
 * changes others only where that version changed too; `--force` is for changes of a fixture itself, and of how the
 * front-end writes a program down, which make another job and leave existing bundles alone.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { GOLDEN_PATH, type GoldenValues, goldenValues } from './golden-values.js';

const found = await goldenValues();
const changed = existsSync(GOLDEN_PATH) ? changes(JSON.parse(readFileSync(GOLDEN_PATH, 'utf8')), found) : [];
if (changed.length > 0 && !process.argv.includes('--force')) {
  process.stderr.write(
    `These changed under the same arithmetic version, so nothing was written:\n${changed.join('\n')}\n`,
  );
  process.exitCode = 1;
} else writeFileSync(GOLDEN_PATH, `${JSON.stringify(found, null, 2)}\n`);

function changes(before: GoldenValues, after: GoldenValues): string[] {
  if (before.arithmeticVersion !== after.arithmeticVersion) return [];
  return Object.entries(before.jobs).flatMap(([name, hashes]) =>
    (Object.keys(hashes) as (keyof typeof hashes)[])
      .filter((key) => after.jobs[name]?.[key] !== hashes[key])
      .map((key) => `${name}: ${key} was ${hashes[key]} and is ${after.jobs[name]?.[key] ?? 'gone'}`),
  );
}
