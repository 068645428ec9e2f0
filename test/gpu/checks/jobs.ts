/**
 * Trains the fixture jobs of the arguments on the GPU and in WebAssembly, with small batches, few steps and, for the
 * recurrent network, short texts: software drivers are slow, most of all in compiling, and every kind of operator of the
 * job is there anyway. Prints the trace roots of both.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Backend } from '../../../src/backends/backend.js';
import { wasmBackend } from '../../../src/backends/wasm/wasm-backend.js';
import { webgpuBackend } from '../../../src/backends/webgpu/webgpu-backend.js';
import type { Bundle } from '../../../src/job/bundle.js';
import { compileJobFile } from '../../../src/job/compile.js';
import { train } from '../../../src/run/train.js';
import { fixturePath } from '../../job/fixture-path.js';

const STEPS = 2;
/** What is replaced anywhere in a job. */
const SMALLER: Readonly<Record<string, Readonly<Record<string, number>>>> = { 'char-lstm': { length: 8 } };
const folder = mkdtempSync(join(tmpdir(), 'gensyn-gpu-'));

/** A fixture job with another batch size, without its test data. */
async function smallJob(name: string): Promise<Bundle> {
  const path = fixturePath(`jobs/${name}.json`);
  const job = JSON.parse(readFileSync(path, 'utf8'), (key, value) => {
    if (key === 'file' || key === 'module') return resolve(dirname(path), value);
    return key === 'warmupSteps' ? 1 : (SMALLER[name]?.[key] ?? value);
  });
  const { test: _, ...data } = job.data;
  const small = { ...job, data, batchSize: 2, steps: STEPS, checkpointEvery: 1 };
  const copy = join(folder, `${name}.json`);
  writeFileSync(copy, JSON.stringify(small));
  return (await compileJobFile(copy, {}, wasmBackend)).bundle;
}

async function traceRootOf(bundle: Bundle, backend: Backend): Promise<string | null> {
  const directory = join(folder, `${bundle.name}-${backend.name}`);
  const { traceRoot } = await train({ bundle, directory, backend, threads: 1, keep: 'all', fault: null, version: '0' });
  return traceRoot;
}

const roots: Record<string, (string | null)[]> = {};
for (const name of process.argv.slice(2)) {
  const bundle = await smallJob(name);
  roots[name] = [await traceRootOf(bundle, webgpuBackend), await traceRootOf(bundle, wasmBackend)];
}
rmSync(folder, { recursive: true });
process.stdout.write(JSON.stringify(roots), () => process.exit(0));
