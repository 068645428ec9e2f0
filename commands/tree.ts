/** Every command, in the order of the help, with the core that is loaded when it is called. */
import { defineCompile } from './compile.js';
import { defineCompletion } from './completion.js';
import type { DefineCommand } from './context.js';
import { defineDevnet } from './devnet.js';
import { defineDoctor } from './doctor.js';
import { defineInit } from './init.js';
import { defineInspect } from './inspect.js';
import { defineTrain } from './train.js';
import { defineVerify } from './verify.js';

export const COMMANDS: readonly DefineCommand[] = [
  defineInit,
  (program, context) => defineCompile(program, context, async () => (await import('./actions/compile.js')).compile),
  (program, context) => defineTrain(program, context, async () => (await import('./actions/train.js')).train),
  (program, context) => defineVerify(program, context, async () => (await import('./actions/verify.js')).verify),
  (program, context) => defineInspect(program, context, async () => (await import('./actions/inspect.js')).inspect),
  (program, context) => defineDevnet(program, context, async () => (await import('./actions/devnet.js')).devnet),
  (program, context) => defineDoctor(program, context, async () => (await import('./actions/doctor.js')).doctor),
  defineCompletion,
];
