import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Chalk } from 'chalk';
import { errorDocument, knownError, renderError } from '../../commands/render-error.js';
import { packageFolder } from '../../commands/version.js';
import { CATALOG, type ErrorCode } from '../../src/errors/catalog.js';
import { EXIT_CODES, GensynError, isGensynError } from '../../src/errors/index.js';
import type { ErrorEntry } from '../../src/errors/kinds.js';

const entries = Object.entries(CATALOG) as [ErrorCode, ErrorEntry][];
const plain = new Chalk({ level: 0 });

/** An error of every code, each argument filled with its own name in capitals. */
function example(code: ErrorCode): GensynError {
  const { template, hint } = CATALOG[code] as ErrorEntry;
  const names = [...`${template} ${hint}`.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
  return new GensynError(code, Object.fromEntries(names.map((name) => [name, name.toUpperCase()])));
}

describe('the error catalogue', () => {
  test.each(entries)('%s is complete and renders', (code, { kind, title, template, hint }) => {
    expect(code).toMatch(/^[a-z]+(?:-[a-z]+)*\.[a-z0-9]+(?:-[a-z0-9]+)*$/);
    expect(Object.keys(EXIT_CODES)).toContain(kind);
    for (const text of [title, template, hint]) expect(text.trim()).toBe(text);
    expect(title).toMatch(/\S{2,}/);
    expect(title).not.toMatch(/[.:]$/);
    expect(hint).toMatch(/\S{2,}/);
    const text = renderError(example(code), plain, { verbose: false });
    expect(text).not.toMatch(/[{]\w+[}]/);
    expect(text.startsWith(`error[${code}]: `)).toBe(true);
    expect(text).toMatch(/\nhint: \S/);
  });

  test('no two codes say the same', () => {
    const texts = entries.map(([, { template }]) => template).filter((template) => template !== '{problem}');
    expect(texts.filter((text, index) => texts.indexOf(text) !== index && !text.includes('{reason}'))).toEqual([]);
  });

  test('no code is defined twice', () => {
    // A second definition would silently replace the first when the tables are joined.
    const folder = join(packageFolder(), 'src', 'errors', 'entries');
    const codes = readdirSync(folder).flatMap((name) =>
      [...readFileSync(join(folder, name), 'utf8').matchAll(/^ {2}'([a-z0-9.-]+)': \{/gm)].map((match) => match[1]!),
    );
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
    expect(codes.toSorted()).toEqual(entries.map(([code]) => code).toSorted());
  });

  test('docs/errors.md lists every code', () => {
    const text = readFileSync(join(packageFolder(), 'docs', 'errors.md'), 'utf8');
    expect(entries.map(([code]) => code).filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
  });
});

describe('errors', () => {
  test('are recognised without instanceof', () => {
    const error = example('run.disk-full');
    expect(isGensynError(error, 'run.disk-full')).toBe(true);
    expect(isGensynError(error, 'run.missing')).toBe(false);
    expect(isGensynError(new Error('run.disk-full'))).toBe(false);
    expect(isGensynError(null)).toBe(false);
  });

  test('of other origin become mistakes of ours, with their cause', () => {
    const cause = new RangeError('odd');
    const error = knownError(cause);
    expect(error.cause).toBe(cause);
    expect(errorDocument(error)).toMatchObject({ code: 'command.internal', message: expect.stringContaining('odd') });
  });

  test('show no path of an address, which can be a key, in stacks and in mistakes of ours', () => {
    const cause = new Error('HTTP request failed.\nURL: https://node.example:8545/v3/secret?key=secret\nDetails: none');
    const failed = new GensynError('chain.rpc-failed', { node: 'node.example', reason: 'no' }, { cause });
    const text = renderError(failed, plain, { verbose: true });
    expect(text).not.toContain('secret');
    expect(text).toContain('URL: https://node.example:8545/…\nDetails: none');
    expect(JSON.stringify(errorDocument(knownError(cause)))).not.toContain('secret');
  });

  test('keep their facts for --json', () => {
    expect(errorDocument(example('run.disk-full')).data).toEqual({ path: 'PATH' });
  });
});
