/**
 * What GitHub Actions reads: a Markdown summary for the file `$GITHUB_STEP_SUMMARY` names, and workflow commands that
 * annotate a check. Both carry text from a run, which may be a stranger's: neither may break out of its place.
 */
import { countOutcome, type Report } from './report.js';

/** The most failed cases that are listed; a summary may have 1 MiB. */
const MAX_LISTED = 20;

/** Markdown for the job's summary, with a line feed at its end. */
export function githubSummary(report: Report): string {
  const failed = report.cases.filter(({ outcome }) => outcome === 'failed');
  const lines = [
    `## ${escapeMarkdown(report.title)}: ${escapeMarkdown(report.verdict)}`,
    '',
    '| | |',
    '| --- | --- |',
    ...report.facts.map(([name, value]) => `| ${escapeMarkdown(name)} | ${escapeMarkdown(value)} |`),
    '',
    `${countOutcome(report, 'passed')} passed, ${failed.length} failed, ${countOutcome(report, 'skipped')} skipped.`,
    '',
    ...failed
      .slice(0, MAX_LISTED)
      .map((item) => `- **${escapeMarkdown(item.name)}**: ${escapeMarkdown(item.message ?? '')}`),
  ];
  if (failed.length > MAX_LISTED) lines.push(`- … and ${failed.length - MAX_LISTED} more`);
  return `${lines.join('\n').trimEnd()}\n`;
}

/** One `::error` command for each failed case, one `::notice` for a run without any; each line ends with a line feed. */
export function githubAnnotations(report: Report): string {
  const failed = report.cases.filter(({ outcome }) => outcome === 'failed');
  if (failed.length === 0) return annotation('notice', report.title, report.verdict);
  return failed
    .slice(0, MAX_LISTED)
    .map((item) => {
      const text = [item.message, item.details].filter((part) => part !== undefined && part !== '').join('\n');
      return annotation('error', `${report.title}: ${item.name}`, text);
    })
    .join('');
}

/** A workflow command: `::error title=…::…`. */
export function annotation(level: 'error' | 'warning' | 'notice', title: string, message: string): string {
  return `::${level} title=${escapeProperty(title)}::${escapeData(message)}\n`;
}

/** As `@actions/core` escapes a command's data. */
function escapeData(text: string): string {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

/** As `@actions/core` escapes a command's property. */
function escapeProperty(text: string): string {
  return escapeData(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}

/** One line of plain text inside Markdown: no markup, no HTML, no table border, no line break. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replace(/[\\`*_{}[\]()#+!|<>~&@]/g, (character) => `&#${character.charCodeAt(0)};`);
}
