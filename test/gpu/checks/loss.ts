/** Loses the device in the middle of a run. Prints the code of the error, and whether a new executor goes on. */
import { openDevice } from '../../../src/backends/webgpu/device.js';
import { createWebgpuBackend } from '../../../src/backends/webgpu/webgpu-backend.js';
import { Random } from '../../wasm/operator-programs.js';
import { ordinary, STATE_WORDS, trainingProgram, WORDS } from '../../wasm/training-program.js';

const backend = createWebgpuBackend();
const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown }).code;

async function prepare() {
  const executor = await backend.prepare(trainingProgram(), [ordinary(new Random(8), WORDS)], { threads: 1 });
  const random = new Random(9);
  await executor.writeState(STATE_WORDS.map((words) => ordinary(random, words)));
  return executor;
}

const undisturbed = await prepare();
await undisturbed.run(0, 20);
const expected = await undisturbed.hashState();

const executor = await prepare();
await executor.run(0, 5);
const running = executor.run(5, 2000).then(() => 'finished', codeOf);
(await openDevice()).device.destroy();
const whileRunning = await running;
const afterwards = await executor.run(5, 1).then(() => 'finished', codeOf);
await executor.dispose();

const again = await prepare();
await again.run(0, 20);
const resumed = JSON.stringify(await again.hashState()) === JSON.stringify(expected);
process.stdout.write(JSON.stringify({ whileRunning, afterwards, resumed }), () => process.exit(0));
