import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { annotation, escapeMarkdown, githubAnnotations, githubSummary } from '../../src/run/github.js';
import { escapeXml, junitReport } from '../../src/run/junit.js';
import type { Report } from '../../src/run/report.js';

const REPORT: Report = {
  title: 'gensyn verify',
  verdict: 'diverged',
  facts: [
    ['job', '0x12'],
    ['label', 'dense_1/<forward> & "more"'],
  ],
  cases: [
    { name: 'training steps 0–32', outcome: 'passed' },
    {
      name: 'training steps 32–64',
      outcome: 'failed',
      message: 'step 40 differs',
      details: 'expected 0x1\nclaimed 0x2',
    },
    { name: 'training steps 64–96', outcome: 'skipped', message: 'checkpoint 64 is missing' },
  ],
};

describe('a JUnit report', () => {
  test('is what CI systems read', () => {
    expect(junitReport(REPORT)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="gensyn verify" tests="3" failures="1" errors="0" skipped="1">
  <testsuite name="gensyn verify" tests="3" failures="1" errors="0" skipped="1">
    <properties>
      <property name="verdict" value="diverged"/>
      <property name="job" value="0x12"/>
      <property name="label" value="dense_1/&lt;forward&gt; &amp; &quot;more&quot;"/>
    </properties>
    <testcase classname="gensyn verify" name="training steps 0–32"/>
    <testcase classname="gensyn verify" name="training steps 32–64">
      <failure message="step 40 differs" type="divergence">expected 0x1&#10;claimed 0x2</failure>
    </testcase>
    <testcase classname="gensyn verify" name="training steps 64–96">
      <skipped message="checkpoint 64 is missing"/>
    </testcase>
  </testsuite>
</testsuites>
`);
  });

  test('holds any text without breaking', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = escapeXml(text);
        return (
          !/[<>"']|&(?!(?:amp|lt|gt|quot|apos|#\d+);)/.test(escaped) &&
          !/[^\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.test(escaped)
        );
      }),
      { numRuns: 1000 },
    );
  });

  test('keeps what XML can hold and marks what it cannot', () => {
    expect(escapeXml('a\u0000b\ud800c\ufffe😀')).toBe('a\ufffdb\ufffdc\ufffd😀');
  });
});

describe('a GitHub summary', () => {
  test('lists the facts and what failed', () => {
    const text = githubSummary(REPORT);
    expect(text).toContain('## gensyn verify: diverged');
    expect(text).toContain('| job | 0x12 |');
    expect(text).toContain('1 passed, 1 failed, 1 skipped.');
    expect(text).toContain('- **training steps 32–64**: step 40 differs');
  });

  test('has at most twenty failures', () => {
    const failed = { name: 'x', outcome: 'failed' } as const;
    const text = githubSummary({ ...REPORT, cases: Array.from({ length: 25 }, () => failed) });
    expect(text.match(/^- \*\*/gm)).toHaveLength(20);
    expect(text).toContain('and 5 more');
  });

  test('lets no text of a run break out of its line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => !/[\r\n|<>`*[\]]/.test(escapeMarkdown(text))),
      { numRuns: 1000 },
    );
  });
});

describe('GitHub annotations', () => {
  test('are one line each', () => {
    expect(githubAnnotations(REPORT)).toBe(
      '::error title=gensyn verify%3A training steps 32–64::step 40 differs%0Aexpected 0x1%0Aclaimed 0x2\n',
    );
    expect(githubAnnotations({ ...REPORT, verdict: 'verified', cases: [] })).toBe(
      '::notice title=gensyn verify::verified\n',
    );
  });

  test('carry any text without becoming a second command', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (title, message) => {
        const line = annotation('error', title, message);
        return line.indexOf('\n') === line.length - 1 && !line.includes('\r') && /^::error title=[^:,]*::/.test(line);
      }),
      { numRuns: 1000 },
    );
  });
});
