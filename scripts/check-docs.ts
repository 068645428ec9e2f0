/**
 * Checks the documents: links to files of the repository lead somewhere, and the words of the glossary are used the way
 * it says. Run as `node dist/scripts/check-docs.js`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import process from 'node:process';

/** Words that would give one thing a second name; the glossary says which word to use. */
const BANNED: readonly (readonly [word: RegExp, instead: string])[] = [
  [/\bjob config\b|\bconfig file of (?:a|the) job\b/i, 'job'],
  [/\bfraud proofs?\b/i, 'one-step proof'],
  [/\bwhistleblowers?\b/i, 'challenger'],
  [/\bstaked? (?:amount|money)\b/i, 'bond'],
];

const documents = [...markdownIn('.'), ...markdownIn('docs')];
const problems = documents.flatMap((path) => [...brokenLinks(path), ...bannedWords(path)]);
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

function markdownIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => join(folder, name));
}

function brokenLinks(path: string): string[] {
  const targets = [...withoutCode(path).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
  return targets
    .filter((target) => !/^[a-z]+:|^#/.test(target))
    .filter((target) => !existsSync(normalize(join(dirname(path), target.split('#')[0]!))))
    .map((target) => `${path}: link to ${target}, which does not exist`);
}

function bannedWords(path: string): string[] {
  if (path === join('docs', 'glossary.md')) return [];
  const text = withoutCode(path);
  return BANNED.filter(([word]) => word.test(text)).map(
    ([word, instead]) => `${path}: says "${word.exec(text)![0]}"; the word is "${instead}"`,
  );
}

function withoutCode(path: string): string {
  return readFileSync(path, 'utf8').replace(/```[\s\S]*?```/g, '');
}
