import { describe, expect, test } from '@jest/globals';
import { EXIT_CODE_TABLE } from '../../commands/help-text.js';
import type { Signal } from '../../commands/io.js';
import { main } from '../../commands/main.js';
import { EXIT_CODES, fail, OUTCOME_CODES } from '../../src/errors/index.js';
import { fakeProcess } from './support/fake-io.js';
import { documentOf, gensyn, type StubCore, verbs } from './support/verbs.js';

const refuse =
  (error: unknown): StubCore =>
  () =>
    Promise.reject(error);

describe('exit codes', () => {
  test.each([
    ['a known error has the code of its kind', fail('run.disk-full', { path: 'x' }), EXIT_CODES.environment],
    ['damaged files', fail('run.trace-invalid', { path: 'x', line: 1, reason: 'torn' }), EXIT_CODES.integrity],
    ['what nobody foresaw is a mistake of ours', new TypeError('undefined is not a function'), EXIT_CODES.internal],
    ['even a thrown text', 'oops', EXIT_CODES.internal],
  ])('%s', async (_rule, error, code) => {
    const fake = await gensyn('doctor', refuse(error));
    expect(fake.exitCode()).toBe(code);
    expect(fake.stdout()).toBe('');
    expect(fake.stderr()).toMatch(/^error\[[a-z.-]+\]: .+\n[\s\S]*hint: .+\n$/);
  });

  test.each([
    ['', 'command.usage'],
    ['trian job.json --out x', 'command.typo'],
    ['train', 'command.usage'],
    ['train job.json', 'command.usage'],
    ['train job.json --out x --step 3', 'command.typo'],
    ['train job.json --out x --steps 1e3', 'command.usage'],
    ['train job.json extra --out x', 'command.usage'],
    ['doctor --bogus', 'command.usage'],
    ['completion tcsh', 'command.usage'],
    ['verify r --sample 4 --shard 1/2', 'command.conflict'],
    ['verify r --beacon 00112233445566778899aabbccddeeff', 'command.requires'],
    ['verify r --sample 0', 'command.usage'],
    ['demo --sample 2 --full', 'command.conflict'],
  ])('"gensyn %s" is a usage error', async (line, code) => {
    const fake = await gensyn(line);
    expect(fake.exitCode()).toBe(2);
    expect(fake.stdout()).toBe('');
    expect(fake.stderr()).toContain(`error[${code}]:`);
  });

  test('a verdict keeps its own code', async () => {
    const diverged: StubCore = async () => ({ result: {}, text: 'diverged', exitCode: OUTCOME_CODES.negativeVerdict });
    expect((await gensyn('verify r', diverged)).exitCode()).toBe(20);
  });

  test('no failure shares a code with an outcome, and none is 1', () => {
    const failures: number[] = Object.values(EXIT_CODES);
    const outcomes: number[] = Object.values(OUTCOME_CODES);
    expect(failures.filter((code) => outcomes.includes(code))).toEqual([]);
    expect([...failures, ...outcomes]).not.toContain(1);
    const listed = EXIT_CODE_TABLE.map(([code]) => code);
    expect([...failures, ...outcomes].filter((code) => code !== 143 && !listed.includes(code))).toEqual([]);
  });

  test('an error that no code caught is reported and is 70', async () => {
    const fake = await gensyn('doctor');
    fake.crash(new Error('lost'));
    expect(fake.endedAtOnce()).toBe(70);
    expect(fake.stderr()).toContain('lost');
  });
});

describe('interrupts', () => {
  /** A command that ends when it is asked to, after `signals` were sent. */
  const interruptedBy = (signals: readonly Signal[], end: 'result' | 'error') => {
    const fake = fakeProcess();
    const core: StubCore = async (_options, { signal }) => {
      for (const each of signals) fake.send(each);
      if (end === 'error') throw Object.assign(new Error('aborted'), { name: 'AbortError' });
      return { result: { aborted: signal.aborted }, text: 'kept' };
    };
    return { fake, done: main(['doctor'], fake.io, verbs(core)) };
  };

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s lets the command end in order and gives %i', async (signal, code) => {
    const { fake, done } = interruptedBy([signal], 'result');
    await done;
    expect([fake.stdout(), fake.exitCode(), fake.endedAtOnce()]).toEqual(['kept\n', code, undefined]);
  });

  test('a command that gives up is interrupted, not broken', async () => {
    const { fake, done } = interruptedBy(['SIGINT'], 'error');
    await done;
    expect(fake.exitCode()).toBe(130);
    expect(fake.stderr()).not.toContain('error[');
  });

  test('the second signal ends the process at once', async () => {
    const { fake, done } = interruptedBy(['SIGINT', 'SIGINT'], 'result');
    await done;
    expect(fake.endedAtOnce()).toBe(130);
  });
});

describe('output', () => {
  test('the result goes to stdout and everything else to stderr', async () => {
    const core: StubCore = async (_options, { warn, progress }) => {
      progress.phase('thinking');
      progress.update(5, 10);
      warn('careful');
      return { result: 1, text: 'answer', next: 'gensyn verify r' };
    };
    const fake = await gensyn('doctor', core);
    expect(fake.stdout()).toBe('answer\n');
    expect(fake.stderr()).toBe('thinking …\nthinking: 50 % (5/10)\nwarning: careful\nnext: gensyn verify r\n');
    expect((await gensyn('doctor --quiet', core)).stderr()).toBe('warning: careful\n');
  });

  test('--json gives one document with its keys in order', async () => {
    const core: StubCore = async (_options, { warn }) => {
      warn('careful');
      return { result: { amount: 10n ** 20n, hash: Uint8Array.of(0, 255), none: Number.NaN }, text: 'answer' };
    };
    const fake = await gensyn('doctor --json', core);
    expect(fake.stdout()).toBe(
      '{"schema":"gensyn.doctor/1","ok":true,"result":{"amount":"100000000000000000000","hash":"0x00ff","none":"NaN"},' +
        '"warnings":["careful"],"error":null,"meta":{"version":"0.1.0","durationMs":0}}\n',
    );
    expect(fake.stderr()).toBe('');
  });

  test.each([
    ['doctor --json', 'gensyn.doctor/1', 'run.disk-full'],
    ['verify r --format json', 'gensyn.verify/1', 'run.disk-full'],
    ['--json verify', 'gensyn.verify/1', 'command.usage'],
    ['trian --json', 'gensyn.cli/1', 'command.typo'],
    ['--json', 'gensyn.cli/1', 'command.usage'],
    ['train j --out o --steps 0x10 --json', 'gensyn.train/1', 'command.usage'],
    ['verify r --format junit --json', 'gensyn.verify/1', 'command.conflict'],
  ])('"gensyn %s" gives one document when it fails, too', async (line, schema, code) => {
    const fake = await gensyn(line, refuse(fail('run.disk-full', { path: 'x' })));
    const document = documentOf(fake);
    expect(Object.keys(document)).toEqual(['schema', 'ok', 'result', 'warnings', 'error', 'meta']);
    expect(document).toMatchObject({ schema, ok: false, result: null, error: { code } });
    expect(Object.keys(document.error!).slice(0, 3)).toEqual(['code', 'message', 'hint']);
    expect(fake.stdout().endsWith('\n')).toBe(true);
    expect(fake.stderr()).toBe('');
  });

  test('what follows -- is no option', async () => {
    const fake = await gensyn('inspect -- --json');
    expect(fake.stdout()).toBe('echo\n');
  });

  test('a negative verdict is a result: ok, and no error', async () => {
    const fake = await gensyn('verify r --json', async () => ({
      result: { verdict: 'diverged' },
      text: '',
      exitCode: 20,
    }));
    expect(documentOf(fake)).toMatchObject({ ok: true, error: null, result: { verdict: 'diverged' } });
    expect(fake.exitCode()).toBe(20);
  });

  test('a mistake of ours shows its stack and asks for a report', async () => {
    const fake = await gensyn('doctor', refuse(new Error('impossible')));
    expect(fake.stderr()).toContain('Please report it');
    expect(fake.stderr()).toContain('command-line.test');
  });

  test('a known error shows its stack with --verbose only', async () => {
    const failing = refuse(fail('run.disk-full', { path: 'x' }));
    expect((await gensyn('doctor', failing)).stderr()).not.toMatch(/^\s+at /m);
    expect((await gensyn('doctor --verbose', failing)).stderr()).toMatch(/^\s+at /m);
  });
});

describe('typing mistakes', () => {
  test.each([
    ['trian', 'train'],
    ['verfy r', 'verify'],
    ['train j --out o --thread 2', '--threads'],
    ['doctor --jsn', '--json'],
  ])('"gensyn %s" suggests %s', async (line, word) => {
    expect((await gensyn(line)).stderr()).toContain(`Did you mean ${word}?`);
  });
});
