/** The table of findings names a test for each, and each of them is there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const FINDINGS = [
  ...['C1', 'C2', 'C3', 'C4'],
  ...Array.from({ length: 9 }, (_, at) => `H${at + 1}`),
  ...Array.from({ length: 10 }, (_, at) => `M${at + 1}`),
];

/** The root of the checkout, wherever the tests were compiled to. */
function checkout(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'docs', 'security.md'))) {
    if (folder === dirname(folder)) throw new Error('no docs/security.md above this test');
    folder = dirname(folder);
  }
  return folder;
}

const root = checkout();
const rows = readFileSync(join(root, 'docs', 'security.md'), 'utf8')
  .split('\n')
  .map((line) => /^\| ([CHM]\d+) \| .* \| (.*) \|$/.exec(line))
  .filter((match) => match !== null)
  .map(([, finding, tests]) => ({
    finding: finding!,
    names: [...tests!.matchAll(/`([^`]+)`/g)].map((name) => name[1]!),
  }));
const solidity = readdirSync(join(root, 'contracts', 'test'))
  .map((name) => readFileSync(join(root, 'contracts', 'test', name), 'utf8'))
  .join('\n');

describe('docs/security.md', () => {
  test('has every finding once', () => {
    expect(rows.map(({ finding }) => finding)).toEqual(FINDINGS);
  });

  test.each(rows.map(({ finding, names }) => [finding, names] as const))(
    'names tests of %s that exist',
    (finding, names) => {
      // M9 is about something that was not built.
      if (finding !== 'M9') expect(names.length).toBeGreaterThan(0);
      for (const name of names) {
        if (name.startsWith('test_')) expect(solidity).toContain(`function ${name}(`);
        else if (name.endsWith('.sol')) expect(existsSync(join(root, 'contracts', 'test', name))).toBe(true);
        else if (/^[a-z-]+\/[a-z-]+$/.test(name))
          expect([name, existsSync(join(root, 'test', `${name}.test.ts`))]).toEqual([name, true]);
      }
    },
  );
});
