/** Every command, in the order of the help, with the core that is loaded when it is called. */
import { defineCompile } from './compile.js';
import { defineCompletion } from './completion.js';
import type { DefineCommand } from './context.js';
import { defineDemo } from './demo.js';
import { defineDevnet } from './devnet.js';
import { defineDispute } from './dispute.js';
import { defineDoctor } from './doctor.js';
import { defineInit } from './init.js';
import { defineInspect } from './inspect.js';
import { definePredict } from './predict.js';
import { defineSettle } from './settle.js';
import { defineTrain } from './train.js';
import { defineVerify } from './verify.js';

export const COMMANDS: readonly DefineCommand[] = [
  defineInit,
  (program, context) => defineCompile(program, context, async () => (await import('./actions/compile.js')).compile),
  (program, context) => defineTrain(program, context, async () => (await import('./actions/train.js')).train),
  (program, context) => defineVerify(program, context, async () => (await import('./actions/verify.js')).verify),
  (program, context) => defineInspect(program, context, async () => (await import('./actions/inspect.js')).inspect),
  (program, context) => definePredict(program, context, async () => (await import('./actions/predict.js')).predict),
  (program, context) => defineSettle(program, context, async () => (await import('./actions/settle/index.js')).settle),
  (program, context) =>
    defineDispute(program, context, async () => (await import('./actions/dispute/index.js')).dispute),
  (program, context) => defineDemo(program, context, async () => (await import('./actions/demo/index.js')).demo),
  (program, context) => defineDevnet(program, context, async () => (await import('./actions/devnet.js')).devnet),
  (program, context) => defineDoctor(program, context, async () => (await import('./actions/doctor.js')).doctor),
  defineCompletion,
];
