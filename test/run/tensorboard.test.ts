import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { crc32c, maskedCrc32c } from '../../src/run/crc32c.js';
import { EventWriter, fileVersionEvent, frameRecord, scalarEvent } from '../../src/run/tensorboard.js';
import { temporaryFolder } from './support/temporary-folder.js';

const folder = temporaryFolder();
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The data of the frames of a file, every length and checksum checked. */
function frames(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const found: Uint8Array[] = [];
  let at = 0;
  while (at < file.length) {
    const length = Number(view.getBigUint64(at, true));
    expect(view.getUint32(at + 8, true)).toBe(maskedCrc32c(file.subarray(at, at + 8)));
    const data = file.subarray(at + 12, at + 12 + length);
    expect(view.getUint32(at + 12 + length, true)).toBe(maskedCrc32c(data));
    found.push(data);
    at += length + 16;
  }
  return found;
}

describe('CRC-32C', () => {
  // RFC 3720, appendix B.4, and the check value of the catalogue of CRC algorithms.
  test.each([
    ['"123456789"', ascii('123456789'), 0xe3069283],
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 ones', new Uint8Array(32).fill(255), 0x62a8ab43],
    ['0 … 31', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
    ['31 … 0', Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
    ['nothing', new Uint8Array(0), 0],
  ])('of %s', (_name, data, expected) => {
    expect(crc32c(data)).toBe(expected);
  });

  test('is masked as TFRecord masks it', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (data) => {
        const rotated = (maskedCrc32c(data) - 0xa282ead8) >>> 0;
        return ((rotated >>> 17) | (rotated << 15)) >>> 0 === crc32c(data);
      }),
    );
  });
});

describe('event files', () => {
  test('begin with the version event', () => {
    expect(hex(fileVersionEvent(0))).toBe(`090000000000000000${'1a0d'}${hex(ascii('brain.Event:2'))}`);
  });

  test('hold scalars as Event and Summary messages', () => {
    // wall_time 1.5, step 300, one value { tag "loss", simple_value 0.5 }.
    expect(hex(scalarEvent({ wallTime: 1.5, step: 300, scalars: { loss: 0.5 } }))).toBe(
      `09000000000000f83f10ac02${'2a0d'}${'0a0b'}${'0a04'}${hex(ascii('loss'))}150000003f`,
    );
  });

  test('count steps beyond 2^31', () => {
    expect(hex(scalarEvent({ wallTime: 0, step: 0xffffffff, scalars: {} }))).toContain('10ffffffff0f');
  });

  test('frame any data', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (data) => expect(frames(frameRecord(data))).toEqual([Uint8Array.from(data)])),
    );
  });

  test('of a continued run lie beside those before', async () => {
    const runFolder = folder.path('tensorboard');
    for (const [start, seconds] of [
      [0, 1000],
      [32, 2000],
    ] as const) {
      const writer = await EventWriter.open(runFolder, start, seconds);
      for (let step = start + 1; step <= start + 10; step++) {
        writer.append({ wallTime: seconds, step, scalars: { loss: 1 / step, accuracy: 0.5 } });
        if (step % 4 === 0) void writer.flush();
      }
      await writer.close();
    }
    const names = readdirSync(runFolder).sort();
    expect(names).toHaveLength(2);
    expect(names.every((name) => name.startsWith('events.out.tfevents.'))).toBe(true);
    for (const name of names) expect(frames(readFileSync(`${runFolder}/${name}`))).toHaveLength(12);
  });
});
