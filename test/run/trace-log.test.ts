import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isGensynError } from '../../src/errors/index.js';
import {
  checkpointStep,
  parseTrace,
  readTrace,
  type TraceHeader,
  TraceLog,
  traceHeaderLine,
  traceLine,
  traceRecordCount,
} from '../../src/run/trace-log.js';
import { temporaryFolder } from './support/temporary-folder.js';

const folder = temporaryFolder();
const hash = (value: number): string => `0x${value.toString(16).padStart(64, '0')}`;
const HEADER: TraceHeader = { jobHash: hash(7), checkpointEvery: 4, steps: 10 };
const recordAt = (index: number, header = HEADER) => ({
  step: checkpointStep(header, index),
  stateRoot: hash(1000 + index),
});
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function traceText(records: number, header = HEADER): string {
  const lines = Array.from({ length: records }, (_, index) => traceLine(recordAt(index, header)));
  return [traceHeaderLine(header), ...lines, ''].join('\n');
}

async function write(path: string, from: number, to: number): Promise<void> {
  const log =
    from === 0 ? await TraceLog.create(path, HEADER) : await TraceLog.resume(path, HEADER, recordAt(from - 1).step);
  for (let index = from; index < to; index++) await log.append(recordAt(index));
  await log.close();
}

describe('a trace', () => {
  test('has checkpoints 0, E, 2E, … and S', () => {
    const steps = (header: TraceHeader) =>
      Array.from({ length: traceRecordCount(header) }, (_, i) => checkpointStep(header, i));
    expect(steps(HEADER)).toEqual([0, 4, 8, 10]);
    expect(steps({ ...HEADER, steps: 8 })).toEqual([0, 4, 8]);
    expect(steps({ ...HEADER, steps: 3 })).toEqual([0, 3]);
  });

  test('has one spelling', async () => {
    const path = folder.path('trace.jsonl');
    await write(path, 0, 4);
    expect(readFileSync(path, 'utf8')).toBe(traceText(4));
    expect(readFileSync(path, 'utf8').split('\n')[0]).toBe(
      `{"schema":"gensyn.trace/1","jobHash":"${hash(7)}","checkpointEvery":4,"steps":10}`,
    );
  });

  test('reads back what was written, whole or not', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 4 }), async (records) => {
        const path = folder.path('trace.jsonl');
        await write(path, 0, records);
        const trace = await readTrace(path);
        expect(trace).toEqual({
          header: HEADER,
          records: Array.from({ length: records }, (_, index) => recordAt(index)),
          complete: records === 4,
          tornBytes: 0,
        });
      }),
      { numRuns: 5 },
    );
  });

  test('cut at any byte, it continues to the same file', async () => {
    const whole = traceText(4);
    for (let cut = 0; cut <= whole.length; cut += 7) {
      const path = folder.path('trace.jsonl');
      writeFileSync(path, whole.slice(0, cut));
      const log = await TraceLog.resume(path, HEADER, HEADER.steps);
      for (let index = log.records.length; index < 4; index++) await log.append(recordAt(index));
      await log.close();
      expect(readFileSync(path, 'utf8')).toBe(whole);
    }
  });

  test('loses the records behind the last checkpoint that is there', async () => {
    const path = folder.path('trace.jsonl');
    await write(path, 0, 4);
    const log = await TraceLog.resume(path, HEADER, 5);
    expect(log.records).toEqual([recordAt(0), recordAt(1)]);
    await log.close();
    expect(readFileSync(path, 'utf8')).toBe(traceText(2));
  });

  test('a torn line is no record', async () => {
    const path = folder.path('trace.jsonl');
    await write(path, 0, 2);
    appendFileSync(path, traceLine(recordAt(2)));
    expect(await readTrace(path)).toMatchObject({ complete: false, tornBytes: traceLine(recordAt(2)).length });
    appendFileSync(path, '\n');
    expect((await readTrace(path)).records).toHaveLength(3);
    truncateSync(path, 10);
    await expect(readTrace(path)).rejects.toMatchObject({ code: 'run.trace-invalid' });
  });

  test('of another job is not continued', async () => {
    for (const other of [{ jobHash: hash(8) }, { checkpointEvery: 8 }, { steps: 11 }]) {
      const path = folder.path('trace.jsonl');
      await write(path, 0, 2);
      await expect(TraceLog.resume(path, { ...HEADER, ...other }, 4)).rejects.toMatchObject({
        code: 'run.trace-mismatch',
      });
      expect(readFileSync(path, 'utf8')).toBe(traceText(2));
    }
  });

  test('takes only the next record', async () => {
    const log = await TraceLog.create(folder.path('trace.jsonl'), HEADER);
    await expect(log.append(recordAt(1))).rejects.toMatchObject({ code: 'run.trace-invalid' });
    await log.append(recordAt(0));
    await expect(log.append(recordAt(0))).rejects.toMatchObject({ code: 'run.trace-invalid' });
    await expect(log.append({ step: 4, stateRoot: '0x12' })).rejects.toMatchObject({ code: 'run.trace-invalid' });
    for (const index of [1, 2, 3]) await log.append(recordAt(index));
    await expect(log.append(recordAt(3))).rejects.toThrow();
    await log.close();
  });
});

describe('a hostile trace', () => {
  const refused = (text: string): void => {
    expect(() => parseTrace(bytes(text), 'trace.jsonl')).toThrow(/^Trace trace\.jsonl, line \d+: /);
  };
  const header = traceHeaderLine(HEADER);

  test.each([
    ['nothing', ''],
    ['no header', `${traceLine(recordAt(0))}\n`],
    ['another schema', `${header.replace('trace/1', 'trace/2')}\n`],
    ['a prototype key', `{"__proto__":1,${header.slice(1)}\n`],
    ['a key twice', `${header.replace('{', '{"steps":1,')}\n`],
    ['an interval that is no power of two', `${traceHeaderLine({ ...HEADER, checkpointEvery: 3 })}\n`],
    ['interval zero', `${traceHeaderLine({ ...HEADER, checkpointEvery: 0 })}\n`],
    ['no steps', `${traceHeaderLine({ ...HEADER, steps: 0 })}\n`],
    ['too many steps', `${traceHeaderLine({ ...HEADER, steps: 2 ** 32 })}\n`],
    [
      'more checkpoints than a trace may have',
      `${traceHeaderLine({ ...HEADER, checkpointEvery: 1, steps: 2 ** 20 })}\n`,
    ],
    ['a repeated record', `${traceText(2)}${traceLine(recordAt(1))}\n`],
    ['a gap', `${traceText(1)}${traceLine(recordAt(2))}\n`],
    ['one record too many', `${traceText(4)}${traceLine({ step: 12, stateRoot: hash(1) })}\n`],
    ['a step beyond the last', `${traceText(3)}${traceLine({ step: 12, stateRoot: hash(1) })}\n`],
    ['a short root', `${header}\n{"step":0,"stateRoot":"0x12"}\n`],
    ['upper-case digits', `${header}\n${traceLine({ step: 0, stateRoot: `0x${'A'.repeat(64)}` })}\n`],
    ['an exponent', `${header}\n{"step":0e0,"stateRoot":"${hash(1)}"}\n`],
    ['blank lines', `${header}\n\n`],
    ['carriage returns', `${header}\r\n`],
  ])('with %s is refused', (_what, text) => refused(text));

  test('changed anywhere, it is refused or is another trace of the same shape', () => {
    const whole = bytes(traceText(4));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, value) => {
        const changed = Uint8Array.from(whole);
        changed[at] = value;
        try {
          const { records, header: found } = parseTrace(changed, 'x');
          return records.length <= 4 && records.every(({ step }, index) => step === checkpointStep(found, index));
        } catch (error) {
          return isGensynError(error, 'run.trace-invalid');
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('of any bytes gives errors of the catalogue only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        try {
          parseTrace(noise, 'x');
          return false;
        } catch (error) {
          return isGensynError(error, 'run.trace-invalid');
        }
      }),
    );
  });
});
