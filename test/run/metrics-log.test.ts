import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isGensynError } from '../../src/errors/index.js';
import { bitsOf } from '../../src/numerics/float32.js';
import { MetricsLog, metricsRecord, parseMetrics, readMetrics } from '../../src/run/metrics-log.js';
import { temporaryFolder } from './support/temporary-folder.js';

const folder = temporaryFolder();
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const record = (step: number) => metricsRecord(step, { loss: bitsOf(Math.fround(1 / step)), accuracy: bitsOf(0.5) });

describe('metrics', () => {
  test('show every number as a decimal and as bits', () => {
    expect(JSON.stringify(metricsRecord(3, { loss: 0x3e000000 }))).toBe(
      '{"step":3,"loss":0.125,"lossBits":"0x3e000000"}',
    );
  });

  test.each([
    [0x7fc00000, 'NaN'],
    [0x7f800000, 'Infinity'],
    [0xff800000, '-Infinity'],
    [0x80000000, '-0'],
  ])('keep what JSON has no number for (%i)', (bits, text) => {
    expect(metricsRecord(1, { loss: bits })).toEqual({ step: 1, loss: text, lossBits: `0x${bits.toString(16)}` });
  });

  test('the decimal alone gives back the bits', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (value) => {
        const [line] = parseMetrics(bytes(`${JSON.stringify(metricsRecord(1, { loss: bitsOf(value) }))}\n`), 'x');
        return bitsOf(Math.fround(Number(line!['loss']))) === bitsOf(value);
      }),
    );
  });

  test('continue after any cut with no step lost or twice', async () => {
    const whole = Array.from({ length: 20 }, (_, index) => `${JSON.stringify(record(index + 1))}\n`).join('');
    for (let cut = 0; cut <= whole.length; cut += 61) {
      const path = folder.path('metrics.jsonl');
      writeFileSync(path, whole.slice(0, cut));
      const log = await MetricsLog.resume(path, 8);
      const there = readFileSync(path, 'utf8').split('\n').length - 1;
      expect(there).toBeLessThanOrEqual(8);
      for (let step = there + 1; step <= 20; step++) log.append(record(step));
      await log.close();
      expect(readFileSync(path, 'utf8')).toBe(whole);
    }
  });

  test('noted while others are being written are not lost', async () => {
    const path = folder.path('metrics.jsonl');
    const log = await MetricsLog.create(path);
    const flushes: Promise<void>[] = [];
    for (let step = 1; step <= 500; step++) {
      log.append(record(step));
      if (step % 3 === 0) flushes.push(log.flush());
      if (step % 50 === 0) await flushes.at(-1);
    }
    await Promise.all(flushes);
    await log.close();
    expect((await readMetrics(path)).map(({ step }) => step)).toEqual(
      Array.from({ length: 500 }, (_, index) => index + 1),
    );
  });

  test('a torn line does not count', async () => {
    const path = folder.path('metrics.jsonl');
    const log = await MetricsLog.create(path);
    log.append(record(1));
    await log.close();
    appendFileSync(path, '{"step":2,"lo');
    expect(await readMetrics(path)).toEqual([record(1)]);
  });

  test.each([
    ['no object', '[]'],
    ['no JSON', '{'],
    ['no step', '{"loss":1}'],
    ['step 0', '{"step":0}'],
    ['a step that is no number', '{"step":"1"}'],
    ['a step that is no whole number', '{"step":1.5}'],
    ['a key twice', '{"step":1,"step":2}'],
    ['a prototype key', '{"step":1,"__proto__":2}'],
    ['nested values', '{"step":1,"loss":{}}'],
    ['null', '{"step":1,"loss":null}'],
    ['a number beyond binary64', '{"step":1,"loss":1e999}'],
    ['a line without end', `{"step":1,"loss":"${'x'.repeat(20_000)}"}`],
  ])('with %s are refused', (_what, line) => {
    expect(() => parseMetrics(bytes(`${line}\n`), 'm')).toThrow(/^Metrics m, line 1: /);
  });

  test('out of order are refused', () => {
    expect(() => parseMetrics(bytes('{"step":2}\n{"step":2}\n'), 'm')).toThrow('after one of step 2');
  });

  test('of any bytes give errors of the catalogue only', () => {
    const line = JSON.stringify(record(3));
    fc.assert(
      fc.property(fc.nat(line.length - 1), fc.string({ maxLength: 3, unit: 'binary' }), (at, noise) => {
        try {
          return Array.isArray(parseMetrics(bytes(`${line.slice(0, at)}${noise}${line.slice(at + 1)}\n`), 'x'));
        } catch (error) {
          return isGensynError(error, 'run.metrics-invalid');
        }
      }),
      { numRuns: 1000 },
    );
  });
});
