import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runHereJson } from '../e2e/support/in-process.js';
import { writeJob } from '../e2e/support/jobs.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';

const folder = temporaryFolder();
let job = '';
let run = '';

beforeAll(async () => {
  job = writeJob(folder.path('job.json'), { steps: 6, checkpointEvery: 2 });
  run = folder.path('run');
  expect(await runHereJson(['train', job, '--out', run, '--backend', 'reference'])).toMatchObject({ exitCode: 0 });
});

interface Judgement {
  readonly exitCode: number;
  /** The code of the error, or the verdict. */
  readonly finding: string;
  readonly message: string;
}

async function judge(...args: string[]): Promise<Judgement> {
  const { exitCode, error, result } = await runHereJson(['verify', run, '--backend', 'reference', ...args]);
  return { exitCode, finding: error?.code ?? result.verdict, message: error?.message ?? JSON.stringify(result) };
}

/** Verifies the run with one of its files changed, and puts the file back. */
async function judgeWith(file: string, change: (bytes: Buffer) => Uint8Array | null): Promise<Judgement> {
  const path = join(run, file);
  const honest = readFileSync(path);
  const changed = change(Buffer.from(honest));
  if (changed === null) rmSync(path);
  else writeFileSync(path, changed);
  try {
    return await judge();
  } finally {
    writeFileSync(path, honest);
  }
}

function flipped(bytes: Buffer, position: number, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[position]! ^= 1 << bit;
  return copy;
}

const CHECKPOINT = 'checkpoints/step-0000000002.safetensors';

/** Positions at the seams of a safetensors file, and random ones between them. */
function positionsOf(bytes: Buffer): fc.Arbitrary<number> {
  const data = 8 + Number(bytes.readBigUInt64LE());
  const seams = [0, 1, 7, 8, 9, data - 1, data, data + 1, bytes.length - 1];
  return fc.oneof(
    fc.constantFrom(...seams),
    fc.integer({ min: 8, max: data - 1 }),
    fc.integer({ min: data, max: bytes.length - 1 }),
  );
}

describe('one bit flipped', () => {
  test.each([CHECKPOINT, 'checkpoints/step-0000000000.safetensors', 'checkpoints/step-0000000006.safetensors'])(
    'anywhere in %s is noticed, and the file is named',
    async (file) => {
      const bytes = readFileSync(join(run, file));
      await fc.assert(
        fc.asyncProperty(positionsOf(bytes), fc.integer({ min: 0, max: 7 }), async (position, bit) => {
          const { exitCode, finding, message } = await judgeWith(file, () => flipped(bytes, position, bit));
          expect({ exitCode, finding }).toEqual({ exitCode: 6, finding: 'run.checkpoint-damaged' });
          expect(message).toContain(file);
        }),
        { numRuns: file === CHECKPOINT ? 50 : 15 },
      );
    },
  );

  test('anywhere in the trace is noticed', async () => {
    const bytes = readFileSync(join(run, 'trace.jsonl'));
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 7 }), async (position, bit) => {
        const { exitCode } = await judgeWith('trace.jsonl', () => flipped(bytes, position, bit));
        expect([6, 20]).toContain(exitCode);
      }),
      {
        numRuns: 60,
        examples: [
          [0, 0],
          [bytes.length - 1, 0],
          [bytes.length - 4, 0],
        ],
      },
    );
  });

  /** What tells a person something and decides no bit: labels, names, and what a training said of itself. */
  const SPEAKING: Readonly<Record<string, (text: string) => string>> = {
    'run.json': (text) => {
      const {
        job: _j,
        backend: _b,
        canonical: _c,
        keep: _k,
        injectFault: _f,
        version: _v,
        ...decisive
      } = JSON.parse(text);
      return JSON.stringify(decisive);
    },
    'job/manifest.json': (text) =>
      JSON.stringify({ ...JSON.parse(text), name: '', evaluation: null, prediction: null }),
    'job/program.json': (text) => {
      const program = JSON.parse(text);
      for (const definition of program.definitions) definition.kind = '';
      for (const tensor of [...program.state, ...program.constants]) tensor[0] = '';
      for (const operator of program.operators) operator[2] = '';
      return JSON.stringify({ ...program, results: [] });
    },
  };

  test.each(['run.json', 'job/manifest.json', 'job/program.json'])(
    'anywhere in %s is noticed, unless it decides nothing',
    async (file) => {
      const bytes = readFileSync(join(run, file));
      await fc.assert(
        fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 7 }), async (position, bit) => {
          const changed = flipped(bytes, position, bit);
          const { exitCode, finding } = await judgeWith(file, () => changed);
          // 21: the manifest names another arithmetic version.
          expect([0, 6, 20, 21]).toContain(exitCode);
          if (exitCode === 21) expect(finding).toBe('inconclusive');
          if (exitCode !== 0) return;
          const decisive = SPEAKING[file]!;
          expect(decisive(changed.toString())).toBe(decisive(bytes.toString()));
        }),
        { numRuns: 80 },
      );
    },
  );

  test.each(['job/constants.safetensors', 'job/genesis.safetensors'])('anywhere in %s is noticed', async (file) => {
    const bytes = readFileSync(join(run, file));
    await fc.assert(
      fc.asyncProperty(positionsOf(bytes), fc.integer({ min: 0, max: 7 }), async (position, bit) => {
        expect(await judgeWith(file, () => flipped(bytes, position, bit))).toMatchObject({ exitCode: 6 });
      }),
      { numRuns: 50 },
    );
  });

  test.each(['job/evaluation.json', 'job/evaluation.safetensors'])(
    'in %s, which decides no bit of the state, changes no verdict and breaks nothing',
    async (file) => {
      const bytes = readFileSync(join(run, file));
      await fc.assert(
        fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 7 }), async (position, bit) => {
          expect([0, 6]).toContain((await judgeWith(file, () => flipped(bytes, position, bit))).exitCode);
        }),
        { numRuns: 30 },
      );
    },
  );
});

describe('a file that is cut or gone', () => {
  const FILES = [
    CHECKPOINT,
    'trace.jsonl',
    'run.json',
    'job/program.json',
    'job/constants.safetensors',
    'job/genesis.safetensors',
    'job/manifest.json',
    'job/evaluation.json',
  ];

  test.each(FILES)('%s cut at any length is noticed', async (file) => {
    const { length } = readFileSync(join(run, file));
    for (const kept of [0, 1, 8, Math.floor(length / 2), length - 1]) {
      const { exitCode } = await judgeWith(file, (bytes) => bytes.subarray(0, kept));
      // A text file that only lacks its last line feed still says the same.
      if (file.endsWith('.json') && kept === length - 1) expect([0, 6]).toContain(exitCode);
      else expect([file, kept, exitCode]).toEqual([file, kept, 6]);
    }
  });

  test.each(FILES.slice(1))('%s gone is told by name', async (file) => {
    const { exitCode, finding, message } = await judgeWith(file, () => null);
    expect({ exitCode, finding }).toEqual({ exitCode: 2, finding: 'run.missing' });
    expect(message).toContain(file);
  });

  test.each(FILES)('%s with something behind its end is noticed', async (file) => {
    expect(await judgeWith(file, (bytes) => Buffer.concat([bytes, Buffer.from('{"x":1}')]))).toMatchObject({
      exitCode: 6,
    });
  });
});

describe('a hostile file', () => {
  test.each([
    ['run.json', '"schema"', '"__proto__": {"canonical": true}, "schema"'],
    ['job/manifest.json', '"schema"', '"__proto__": {"steps": 1}, "schema"'],
    ['job/manifest.json', '"schema"', '"constructor": {}, "schema"'],
    ['job/program.json', '"schema"', '"__proto__":{"x":1},"schema"'],
    ['run.json', '"steps": 6', '"steps": 6, "steps": 6'],
    ['run.json', '"steps": 6', '"steps": 7'],
    ['run.json', '"checkpointEvery": 2', '"checkpointEvery": 4'],
    ['run.json', '"steps": 6', '"steps": 1e99'],
    ['job/manifest.json', '"programHash": "0x', '"programHash": "0x0'],
    ['job/manifest.json', '"batches": 1', '"batches": 4294967295, "path": "../../../etc/passwd"'],
    ['trace.jsonl', '"steps":6', '"steps":4294967295'],
    ['trace.jsonl', '"checkpointEvery":2', '"checkpointEvery":1'],
  ])('%s with %s made into %s is refused', async (file, from, to) => {
    const changed = (bytes: Buffer) => Buffer.from(bytes.toString().replace(from, to));
    expect(await judgeWith(file, changed)).toMatchObject({ exitCode: 6 });
  });

  test('is a checkpoint with one tensor more', async () => {
    const { exitCode, message } = await judgeWith(CHECKPOINT, (bytes) => {
      const size = Number(bytes.readBigUInt64LE());
      const header = JSON.parse(bytes.toString('utf8', 8, 8 + size));
      const data = bytes.subarray(8 + size);
      const text = Buffer.from(
        JSON.stringify({ ...header, zz: { dtype: 'F32', shape: [1], data_offsets: [data.length, data.length + 4] } }),
      );
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(text.length));
      return Buffer.concat([length, text, data, Buffer.alloc(4)]);
    });
    expect(exitCode).toBe(6);
    expect(message).toContain(CHECKPOINT);
  });

  test('is a checkpoint that announces more than it has, and costs no memory', async () => {
    const { exitCode } = await judgeWith(CHECKPOINT, (bytes) => {
      bytes.writeBigUInt64LE(2n ** 63n);
      return bytes;
    });
    expect(exitCode).toBe(6);
  });

  test('is a folder in the place of a file', async () => {
    const path = join(run, CHECKPOINT);
    const honest = readFileSync(path);
    rmSync(path);
    mkdirSync(path);
    try {
      expect(await judge()).toMatchObject({ exitCode: 3, finding: 'run.not-readable' });
    } finally {
      rmSync(path, { recursive: true });
      writeFileSync(path, honest);
    }
  });

  test('is an honest checkpoint of another step', async () => {
    const other = readFileSync(join(run, 'checkpoints/step-0000000004.safetensors'));
    expect(await judgeWith(CHECKPOINT, () => other)).toMatchObject({ exitCode: 6, finding: 'run.checkpoint-damaged' });
  });
});

describe('a run of something else', () => {
  test('is refused where another job is named', async () => {
    const other = writeJob(folder.path('job.json'), { steps: 6, checkpointEvery: 2, seed: 8 });
    expect(await judge('--job', other)).toMatchObject({ exitCode: 6, finding: 'run.other-job' });
    expect(await judge('--job', job)).toMatchObject({ exitCode: 0 });
  });

  test('by another arithmetic is inconclusive: it is no fraud and no proof', async () => {
    const { exitCode, message } = await judgeWith('run.json', (bytes) =>
      Buffer.from(bytes.toString().replace('"arithmeticVersion": 1', '"arithmeticVersion": 2')),
    );
    expect(exitCode).toBe(21);
    expect(message).toMatch(/arithmetic version 2; this build computes version 1/);
  });
});

test('a run that nobody touched is still verified after all of this', async () => {
  expect(await judge()).toMatchObject({ exitCode: 0, finding: 'verified' });
  appendFileSync(join(run, 'metrics.jsonl'), 'not even JSON');
  truncateSync(join(run, 'metrics.jsonl'), 1);
  expect(await judge()).toMatchObject({ exitCode: 0, finding: 'verified' });
});
