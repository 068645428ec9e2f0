/**
 * `docs/errors.md`, made from the catalogue. `node dist/scripts/error-docs.js` writes it; with `--check` it fails where
 * the file is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { EXIT_CODE_TABLE } from '../commands/help-text.js';
import { CATALOG } from '../src/errors/catalog.js';
import { type ErrorEntry, EXIT_CODES } from '../src/errors/kinds.js';

const PATH = 'docs/errors.md';

if (process.argv.includes('--check')) {
  if (readFileSync(PATH, 'utf8') !== errorDocs()) {
    process.stderr.write(`${PATH} is out of date: run \`npm run docs\`.\n`);
    process.exitCode = 1;
  }
} else writeFileSync(PATH, errorDocs());

function errorDocs(): string {
  const entries: [string, ErrorEntry][] = Object.entries(CATALOG);
  const areas = [...new Set(entries.map(([code]) => code.split('.')[0]!))].sort();
  return [
    '# Errors and exit codes',
    '',
    '<!-- Made from src/errors by `npm run docs`; do not edit. -->',
    '',
    'A failure prints `error[code]: what happened` and a hint on stderr; with `--json` the same stands in the field `error`',
    'of the document on stdout. Scripts should look at the code, never at the text. A verdict is not an error.',
    '',
    '## Exit codes',
    '',
    '| code | meaning |',
    '| --- | --- |',
    ...EXIT_CODE_TABLE.map(([code, meaning]) => `| ${code} | ${meaning} |`),
    '',
    'Code 1 is never returned on purpose: Node and npm use it for failures of their own.',
    '',
    ...areas.flatMap((area) =>
      areaDocs(
        area,
        entries.filter(([code]) => code.startsWith(`${area}.`)),
      ),
    ),
  ].join('\n');
}

function areaDocs(area: string, entries: readonly (readonly [string, ErrorEntry])[]): string[] {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return [`## ${area}`, '', ...sorted.flatMap(([code, entry]) => entryDocs(code, entry))];
}

function entryDocs(code: string, { kind, title, template, hint }: ErrorEntry): string[] {
  return [
    `### \`${code}\``,
    '',
    `${title}. Exit code ${EXIT_CODES[kind]} (${kind}).`,
    '',
    `> ${plain(template)}`,
    '',
    `What to do: ${plain(hint)}`,
    '',
  ];
}

/** Placeholders would otherwise read like text. */
function plain(text: string): string {
  return text.replaceAll('<', '&lt;').replace(/\{(\w+)\}/g, '*$1*');
}
