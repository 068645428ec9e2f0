/** What `gensyn doctor` finds out about the device in the mode of the argument; without one, in the mode of the probe. */
import { createWebgpuBackend } from '../../../src/backends/webgpu/webgpu-backend.js';
import type { ArithmeticMode } from '../../../src/backends/webgpu/wgsl/arithmetic.js';

const [mode] = process.argv.slice(2);
const examination = await createWebgpuBackend(mode === undefined ? {} : { mode: mode as ArithmeticMode }).examine!();
process.stdout.write(JSON.stringify(examination), () => process.exit(0));
