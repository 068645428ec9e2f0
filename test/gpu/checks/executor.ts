/** What an executor answers to a sequence of orders, by the GPU and by the definition. Prints both for each scenario. */
import type { Backend, Executor, Words } from '../../../src/backends/backend.js';
import { referenceBackend } from '../../../src/backends/reference/reference-backend.js';
import { createWebgpuBackend } from '../../../src/backends/webgpu/webgpu-backend.js';
import { adversarialWords, Random } from '../../wasm/operator-programs.js';
import { ordinary, STATE_WORDS, trainingProgram, WORDS } from '../../wasm/training-program.js';

type Scenario = (executor: Executor, random: Random) => Promise<unknown>;

const start = (executor: Executor, random: Random, make: typeof ordinary): Promise<void> =>
  executor.writeState(STATE_WORDS.map((words) => make(random, words)));

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'many steps': async (executor, random) => {
    await start(executor, random, ordinary);
    const first = await executor.run(0, 3);
    const middle = await executor.readState();
    const hashes = await executor.hashState();
    const more = await executor.run(3, 150);
    return [first, middle, hashes, more, await executor.readState(), await executor.hashState()];
  },
  'foreign NaNs': async (executor, random) => {
    await start(executor, random, adversarialWords);
    const before = await executor.readState();
    return [before, await executor.run(0, 1), await executor.readState(), await executor.run(1, 5)];
  },
  'observers that change what they see': async (executor, random) => {
    const seen: Words[] = [];
    for (const changed of [0, 1, 2, 4, 5, 6, 8]) {
      await start(executor, random, ordinary);
      await executor.run(0, 1);
      const results = await executor.runObserved(1, (operator, output) => {
        seen.push(output.slice());
        if (operator === changed) output[0]! ^= 0x7f800001;
      });
      seen.push(results, ...(await executor.readState()), ...(await executor.run(2, 4)));
      seen.push(...(await executor.readState()));
    }
    return seen;
  },
};

async function answers(backend: Backend, scenario: Scenario): Promise<unknown> {
  const executor = await backend.prepare(trainingProgram(), [ordinary(new Random(8), WORDS)], { threads: 1 });
  try {
    return await scenario(executor, new Random(9));
  } finally {
    await executor.dispose();
  }
}

const outcomes: Record<string, { gpu: unknown; definition: unknown }> = {};
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  const gpu = await answers(createWebgpuBackend(), scenario);
  outcomes[name] = { gpu, definition: await answers(referenceBackend, scenario) };
}
process.stdout.write(JSON.stringify(outcomes), () => process.exit(0));
