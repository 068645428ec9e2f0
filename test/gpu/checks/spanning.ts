/** Programs whose tensors cross the borders of small buffers. Prints the differences from the definition. */
import { createWebgpuBackend } from '../../../src/backends/webgpu/webgpu-backend.js';
import { convolution } from '../../wasm/convolution-forms.js';
import { differences, mostlyOrdinaryCase, programOf, Random } from '../../wasm/operator-programs.js';
import { randomCase } from '../../wasm/random-operators.js';

const ARENA = 2048;
const backend = createWebgpuBackend({ arena: ARENA });
const random = new Random(31);
const found: string[] = [];
const layer = convolution({
  batch: 1,
  outputs: [6, 7],
  kernel: [2, 2],
  strides: [1, 1],
  dilations: [1, 1],
  channels: 4,
  filters: 8,
});
const cases = [mostlyOrdinaryCase(random, layer)];
while (cases.length < 12) {
  const candidate = randomCase(random);
  const bytes = backend.estimateMemory(programOf([candidate]).program, { threads: 1 });
  if (bytes > 2 * ARENA && bytes < 10 * ARENA) cases.push(candidate);
}
for (const item of cases) found.push(...(await differences(backend, 1, [item])));
process.stdout.write(JSON.stringify(found), () => process.exit(0));
