import { describe, expect, test } from '@jest/globals';
import { plainProgress } from '../../commands/progress.js';
import { colourLevel, createTerminal, isContinuousIntegration } from '../../commands/terminal.js';
import { fail } from '../../src/errors/index.js';
import { type FakeOptions, fakeProcess } from './support/fake-io.js';
import { gensyn } from './support/verbs.js';

const WANTED = { color: true, input: true, quiet: false };

function level(options: FakeOptions, wanted = true): number {
  const { io } = fakeProcess(options);
  return colourLevel(io.stderr, io.environment, wanted);
}

describe('colour', () => {
  test.each([
    ['a terminal has colour', { terminal: true, environment: { TERM: 'xterm' } }, true, 1],
    ['a pipe has none', { terminal: false, environment: { TERM: 'xterm' } }, true, 0],
    ['a dumb terminal has none', { terminal: true, environment: { TERM: 'dumb' } }, true, 0],
    ['NO_COLOR takes it away', { terminal: true, environment: { NO_COLOR: '1' } }, true, 0],
    ['an empty NO_COLOR does not', { terminal: true, environment: { NO_COLOR: '' } }, true, 1],
    ['FORCE_COLOR gives it to a pipe', { environment: { FORCE_COLOR: '1' } }, true, 1],
    ['FORCE_COLOR beats a dumb terminal', { environment: { FORCE_COLOR: '3', TERM: 'dumb' } }, true, 3],
    ['NO_COLOR beats FORCE_COLOR', { environment: { FORCE_COLOR: '1', NO_COLOR: '1' } }, true, 0],
    ['--no-color beats everything', { terminal: true, environment: { FORCE_COLOR: '3' } }, false, 0],
    ['256 colours are seen', { terminal: true, environment: { TERM: 'xterm-256color' } }, true, 2],
    ['true colour is seen', { terminal: true, environment: { COLORTERM: 'truecolor' } }, true, 3],
    ['FORCE_COLOR=0 takes it away', { terminal: true, environment: { FORCE_COLOR: '0' } }, true, 0],
  ] as const)('%s', (_rule, options, wanted, expected) => {
    expect(level(options, wanted)).toBe(expected);
  });

  test('errors are coloured only where colour is on', async () => {
    const failing = (): Promise<never> => Promise.reject(fail('run.disk-full', { path: 'x' }));
    const escape = '\u001b[';
    expect((await gensyn('doctor', failing, { environment: { FORCE_COLOR: '1' } })).stderr()).toContain(escape);
    expect((await gensyn('doctor --no-color', failing, { environment: { FORCE_COLOR: '1' } })).stderr()).not.toContain(
      escape,
    );
    expect((await gensyn('doctor', failing)).stderr()).not.toContain(escape);
  });
});

describe('a person', () => {
  test.each([
    ['sits at a terminal', { terminal: true }, WANTED, true],
    ['does not sit at a pipe', { terminal: false }, WANTED, false],
    ['is not a CI system', { terminal: true, environment: { CI: 'true' } }, WANTED, false],
    ['may say that nothing should be asked', { terminal: true }, { ...WANTED, input: false }, false],
  ])('%s', (_rule, options, wanted, expected) => {
    expect(createTerminal(fakeProcess(options).io, wanted).interactive).toBe(expected);
  });

  test.each([
    ['', false],
    ['0', false],
    ['false', false],
    ['true', true],
    ['1', true],
  ])('CI=%s means CI: %s', (value, expected) => {
    expect(isContinuousIntegration({ CI: value })).toBe(expected);
  });
});

describe('animation', () => {
  test.each([
    ['a terminal', { terminal: true }, true],
    ['a terminal without a width', { terminal: true, columns: 0 }, false],
    ['a pipe', { terminal: false }, false],
    ['a CI system', { terminal: true, environment: { CI: '1' } }, false],
    ['a dumb terminal', { terminal: true, environment: { TERM: 'dumb' } }, false],
  ] as const)('on %s: see the table', (_where, options, expected) => {
    expect(createTerminal(fakeProcess(options).io, WANTED).animated).toBe(expected);
  });
});

describe('a stream whose reader is gone', () => {
  test('is no longer written to, and nothing fails', () => {
    const { io, stdout } = fakeProcess();
    const terminal = createTerminal(io, WANTED);
    io.stdout.emit('error', Object.assign(new Error('gone'), { code: 'EPIPE' }));
    terminal.result('more');
    expect(stdout()).toBe('');
  });

  test('hides no other failure', () => {
    const { io } = fakeProcess();
    createTerminal(io, WANTED);
    expect(() => io.stdout.emit('error', Object.assign(new Error('disk'), { code: 'EIO' }))).toThrow('disk');
  });
});

describe('plain progress', () => {
  test('is one line for each phase and each tenth of it', () => {
    const { io, stderr } = fakeProcess();
    const progress = plainProgress(createTerminal(io, WANTED));
    progress.phase('training');
    for (let step = 0; step <= 1000; step++) progress.update(step, 1000, step === 1000 ? 'loss 0.5' : '');
    progress.end();
    const lines = stderr().trimEnd().split('\n');
    expect(lines).toHaveLength(11);
    expect(lines[1]).toBe('training: 10 % (100/1000)');
    expect(lines[10]).toBe('training: 100 % (1000/1000) loss 0.5');
  });
});
