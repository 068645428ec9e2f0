import { beforeAll, describe, expect, test } from '@jest/globals';
import { startAnvil } from '../../src/chain/anvil.js';
import { isGensynError } from '../../src/errors/index.js';
import { parseReport } from '../../src/verify/parse-report.js';
import { runHere, runHereJson } from '../e2e/support/in-process.js';
import { writeJob } from '../e2e/support/jobs.js';
import { temporaryFolder } from '../run/support/temporary-folder.js';

const folder = temporaryFolder();
const STEPS = 8;
const MACHINE = ['--backend', 'reference', '--threads', '1'];

let bundle = '';
let honest = '';

/** An operator as `inspect` lists it. */
interface Listed {
  readonly index: number;
  readonly kind: string;
  readonly label: string;
  readonly instructions: number;
}
let operators: readonly Listed[] = [];

beforeAll(async () => {
  const job = writeJob(folder.path('job.json'), (changed) =>
    Object.assign(changed, { steps: STEPS, checkpointEvery: 4 }),
  );
  bundle = folder.path('bundle');
  await runHereJson(['compile', job, '--out', bundle]);
  operators = (await runHereJson(['inspect', bundle])).result.operators;
  honest = await trained();
});

async function trained(...drill: string[]): Promise<string> {
  const out = folder.path('run');
  const { exitCode } = await runHereJson(['train', bundle, '--out', out, ...MACHINE, ...drill]);
  expect(exitCode).toBe(0);
  return out;
}

/** A run with bit 31 of element 5 flipped in training step 6. */
async function cheat(operator: Listed): Promise<string> {
  return trained('--inject-fault', `6,${operator.index},5,31`);
}

function operatorOf(kind: string, label: string): Listed {
  const found = operators.find((operator) => operator.kind === kind && operator.label.startsWith(label));
  if (found === undefined) throw new Error(`the job has no ${kind} labelled ${label}`);
  return found;
}

const inspect = (path: string, line: string) => runHereJson(['inspect', path, ...line.split(' '), ...MACHINE]);

describe('two runs that part', () => {
  test.each([
    ['matmul', 'hidden/forward'],
    ['sum', 'hidden/backward'],
    ['map', 'hidden/kernel/next'],
    ['gather', 'x/batch'],
    ['shuffle', 'x/batch'],
    ['identity', 'momentum'],
  ])('in a %s (%s) part at the last instruction of the element, whose states are both named', async (kind, label) => {
    const run = await cheat(operatorOf(kind, label));
    for (const pair of [
      [run, honest],
      [honest, run],
    ] as const) {
      const { exitCode, result } = await runHereJson(['verify', pair[0], '--against', pair[1], ...MACHINE]);
      expect(exitCode).toBe(20);
      const { instruction, expected, claimed, operator: found } = result.divergence;
      const { instructions: count } = operators[found.index]!;
      expect(instruction).toMatchObject({
        index: count - 1,
        of: count,
        opcode: expect.any(String),
        result: { name: 'r0' },
      });
      expect(instruction.result.expected.bits).toBe(expected.bits);
      expect(instruction.result.claimed.bits).toBe(claimed.bits);
      expect((Number(expected.bits) ^ Number(claimed.bits)) >>> 0).toBe(0x80000000);
      expect(instruction.expected.registers[0]).toBe(expected.bits);
      expect(instruction.claimed.registers[0]).toBe(claimed.bits);
      expect(instruction.expected.registers.slice(1)).toEqual(instruction.claimed.registers.slice(1));
      expect(instruction.expected.hash).not.toBe(instruction.claimed.hash);
      expect(instruction.operands.length).toBeGreaterThan(0);
    }
  });

  test('tell people the instruction, its operands, registers and both results', async () => {
    const run = await cheat(operatorOf('matmul', 'hidden/forward'));
    const { stdout } = await runHere(['verify', run, '--against', honest, ...MACHINE]);
    for (const words of [
      /instruction +\d+ of \d+, at \d+: [a-z]+ r0, r/,
      /reads +r\d+ = -?[\d.e-]+ \(0x[0-9a-f]{8}\)/,
      /sets +r0 = -?[\d.e-]+ \(0x[0-9a-f]{8}\) expected\n +r0 = -?[\d.e-]+ \(0x[0-9a-f]{8}\) claimed/,
      /registers +r0 0x/,
      /state after +0x[0-9a-f]{64} expected\n +0x[0-9a-f]{64} claimed/,
    ]) {
      expect(stdout).toMatch(words);
    }
  });

  test('are described by a document that a merge takes back unchanged', async () => {
    const run = await cheat(operatorOf('map', 'hidden/kernel/next'));
    const { stdout } = await runHere(['verify', run, '--against', honest, ...MACHINE, '--json']);
    const { divergence } = parseReport(Buffer.from(stdout), 'report.json');
    expect(divergence).toEqual(JSON.parse(stdout).result.divergence);
    expect(divergence?.instruction).toBeDefined();
  });
});

describe('inspect of an operator', () => {
  test('shows its microcode with labels, its layer and its sources, of a bundle as of a run', async () => {
    const { index, label } = operatorOf('matmul', 'hidden/forward');
    for (const path of [bundle, honest]) {
      const { exitCode, stdout } = await runHere(['inspect', path, '--operator', String(index)]);
      expect(exitCode).toBe(0);
      expect(stdout).toContain(`${index} (matmul, ${label})`);
      expect(stdout).toMatch(/slot1 +state hidden\/kernel\n/);
      expect(stdout).toMatch(/\n +L\d+:\n +\d+ {2}[a-z]+ /);
    }
  });

  test('replays the step from the nearest checkpoint to the same bits as from the beginning', async () => {
    const { index } = operatorOf('map', 'logits/kernel/next');
    const line = `--operator ${index} --step 6 --element 5 --instruction 3`;
    const [ofRun, ofBundle] = [await inspect(honest, line), await inspect(bundle, line)];
    expect(ofRun.exitCode).toBe(0);
    expect({ ...ofRun.result, path: '' }).toEqual({ ...ofBundle.result, path: '' });
    expect(ofRun.result.instruction.before.pc).toBe(3);
  });

  test('walks through the instructions: the state after each is the state before the next', async () => {
    const { index, instructions } = operatorOf('map', 'hidden/bias/next');
    let previous: string | undefined;
    for (let at = 0; at < instructions; at++) {
      const { result } = await inspect(bundle, `--operator ${index} --step 0 --element 2 --instruction ${at}`);
      if (previous !== undefined) expect(result.instruction.before.hash).toBe(previous);
      previous = result.instruction.expected.hash;
      if (at === instructions - 1) expect(result.instruction.expected.registers[0]).toBe(result.element.expected.bits);
    }
  });

  test('of a drill shows what the run claims beside what is right', async () => {
    const { index, instructions } = operatorOf('map', 'hidden/kernel/next');
    const run = await cheat(operatorOf('map', 'hidden/kernel/next'));
    const at = (element: number, instruction: number) =>
      inspect(run, `--operator ${index} --step 6 --element ${element} --instruction ${instruction}`);
    const { element, instruction } = (await at(5, instructions - 1)).result;
    expect((Number(element.expected.bits) ^ Number(element.claimed.bits)) >>> 0).toBe(0x80000000);
    expect(instruction.claimed.hash).not.toBe(instruction.expected.hash);
    for (const place of [await at(5, instructions - 2), await at(4, instructions - 1)]) {
      expect(place.result.instruction.claimed).toEqual(place.result.instruction.expected);
    }
  });

  test.each([
    ['--operator 25', 'operator 25'],
    [`--operator 0 --step ${STEPS}`, `training step ${STEPS}`],
    ['--operator 0 --step 0 --element 16', 'element 16'],
    ['--operator 20 --step 0 --element 0 --instruction 9', 'instruction 9'],
  ])('%s names nothing, and the part is named', async (line, part) => {
    const { exitCode, error } = await inspect(bundle, line);
    expect({ exitCode, code: error?.code }).toEqual({ exitCode: 2, code: 'run.no-such-part' });
    expect(error?.message).toContain(`no ${part} `);
  });

  test.each([
    '--step 1',
    '--operator 0 --element 1',
    '--operator 0 --step 0 --instruction 1',
    '--operator 0 --onchain',
  ])('%s lacks what it needs', async (line) => {
    const { exitCode, error } = await inspect(bundle, line);
    expect({ exitCode, code: error?.code }).toEqual({ exitCode: 2, code: 'command.requires' });
  });

  test('needs a run or a bundle', async () => {
    const { exitCode, error } = await inspect(folder.path('nothing'), '--operator 0');
    expect({ exitCode, code: error?.code }).toEqual({ exitCode: 2, code: 'run.not-recognised' });
  });
});

describe('inspect on chain', () => {
  test('executes one instruction by the contract: a load, and the one that a cheat claims wrongly', async () => {
    const operator = operatorOf('matmul', 'hidden/forward');
    const run = await cheat(operator);
    const place = `--operator ${operator.index} --step 6 --element 5`;
    const { result: element } = await inspect(run, `${place} --instruction 0`);
    const load = element.listing.findIndex((line: string) => line.includes('loadf')) - 1;
    const honestStep = await inspect(run, `${place} --instruction ${load} --onchain`);
    expect(honestStep.exitCode).toBe(0);
    expect(honestStep.result.instruction.opcode).toBe('loadf');
    expect(honestStep.result.onChain).toMatchObject({
      agrees: true,
      contract: honestStep.result.instruction.expected.hash,
    });
    expect(honestStep.result.onChain.gas).toBeLessThan(400_000);

    const wrong = await inspect(run, `${place} --instruction ${operator.instructions - 1} --onchain`);
    expect(wrong.exitCode).toBe(20);
    const { expected, claimed } = wrong.result.instruction;
    expect(wrong.result.onChain).toMatchObject({ agrees: false, here: expected.hash, contract: expected.hash });
    expect(claimed.hash).not.toBe(expected.hash);
  }, 30_000);

  test('a chain that is not installed, or does not start, is the environment’s fault', async () => {
    for (const [program, code] of [
      ['gensyn-no-such-program', 'chain.anvil-missing'],
      [process.execPath, 'chain.anvil-failed'],
    ] as const) {
      const error: unknown = await startAnvil(program).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(isGensynError(error, code) && error.exitCode).toBe(3);
    }
  });

  test('a chain that was stopped answers no more', async () => {
    const { url, stop } = await startAnvil();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] });
    const ask = () => fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect((await ask()).status).toBe(200);
    await stop();
    await stop();
    await expect(ask()).rejects.toThrow();
  });
});
