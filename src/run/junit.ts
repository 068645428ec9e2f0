/** A JUnit XML report, as CI systems read it: one test case for each checked part of a run. */
import { countOutcome, type Report, type ReportCase } from './report.js';

/** The whole file, with a line feed at its end. */
export function junitReport(report: Report): string {
  const counts = attributes({
    name: report.title,
    tests: report.cases.length,
    failures: countOutcome(report, 'failed'),
    errors: 0,
    skipped: countOutcome(report, 'skipped'),
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite ${counts}>`,
    '    <properties>',
    ...[['verdict', report.verdict] as const, ...report.facts].map(
      ([name, value]) => `      <property ${attributes({ name, value })}/>`,
    ),
    '    </properties>',
    ...report.cases.flatMap((item) => testCase(item, report.title)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

/** Text made safe for XML content and attributes: markup is escaped, what XML 1.0 cannot hold becomes U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}')
    .replace(/[&<>"'\t\n\r]/g, (character) => ESCAPES[character] ?? character);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

function testCase(item: ReportCase, className: string): string[] {
  const head = attributes({ classname: className, name: item.name });
  if (item.outcome === 'passed') return [`    <testcase ${head}/>`];
  const message = attributes({ message: item.message ?? item.outcome });
  const inner =
    item.outcome === 'skipped'
      ? `<skipped ${message}/>`
      : `<failure ${message} type="divergence">${escapeXml(item.details ?? '')}</failure>`;
  return [`    <testcase ${head}>`, `      ${inner}`, '    </testcase>'];
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escapeXml(String(value))}"`)
    .join(' ');
}
