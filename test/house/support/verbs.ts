/** The whole command tree with cores that only tell what they were asked for. */
import { defineCompile } from '../../../commands/compile.js';
import { defineCompletion } from '../../../commands/completion.js';
import type { Action, DefineCommand, Invocation, Outcome } from '../../../commands/context.js';
import { defineDemo } from '../../../commands/demo.js';
import { defineDevnet } from '../../../commands/devnet.js';
import { type DisputeActions, defineDispute } from '../../../commands/dispute.js';
import { defineDoctor } from '../../../commands/doctor.js';
import { defineInit } from '../../../commands/init.js';
import { defineInspect } from '../../../commands/inspect.js';
import { main } from '../../../commands/main.js';
import { definePredict } from '../../../commands/predict.js';
import { defineSettle, type SettleActions } from '../../../commands/settle.js';
import { defineTrain } from '../../../commands/train.js';
import { defineVerify } from '../../../commands/verify.js';
import { type FakeOptions, type FakeProcess, fakeProcess } from './fake-io.js';

export type StubCore = (options: object, invocation: Invocation) => Promise<Outcome>;

/** Repeats its options as the result. */
export const echo: StubCore = async (options) => ({ result: options, text: 'echo' });

export function verbs(core: StubCore = echo): readonly DefineCommand[] {
  const load = async (): Promise<Action<object>> => core;
  return [
    defineInit,
    (program, context) => defineCompile(program, context, load),
    (program, context) => defineTrain(program, context, load),
    (program, context) => defineVerify(program, context, load),
    (program, context) => defineInspect(program, context, load),
    (program, context) => definePredict(program, context, load),
    (program, context) => defineSettle(program, context, async () => everyCore<SettleActions>(core)),
    (program, context) => defineDispute(program, context, async () => everyCore<DisputeActions>(core)),
    (program, context) => defineDemo(program, context, load),
    (program, context) => defineDevnet(program, context, load),
    (program, context) => defineDoctor(program, context, load),
    defineCompletion,
  ];
}

/** The same core under every name but `then`, by which it would pass for a promise. */
function everyCore<Actions extends object>(core: StubCore): Actions {
  return new Proxy({} as Actions, { get: (_cores, name) => (name === 'then' ? undefined : core) });
}

/** Runs a command line, given as one text with single spaces, and waits for its end. */
export async function gensyn(line: string, core: StubCore = echo, options: FakeOptions = {}): Promise<FakeProcess> {
  const fake = fakeProcess(options);
  await main(line === '' ? [] : line.split(' '), fake.io, verbs(core));
  return fake;
}

export interface Document {
  readonly schema: string;
  readonly ok: boolean;
  readonly result: Record<string, unknown> | null;
  readonly warnings: readonly string[];
  readonly error: { readonly code: string; readonly message: string; readonly hint: string } | null;
  readonly meta: { readonly version: string; readonly durationMs: number };
}

/** The one document on stdout. */
export function documentOf(fake: FakeProcess): Document {
  return JSON.parse(fake.stdout()) as Document;
}
