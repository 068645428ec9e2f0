/** Names what a replay runs on, for the run's manifest. */
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { RunMachine } from '../../run/run-machine.js';
import { type OpenTfjs, SWITCHES, TFJS_VERSION } from './tfjs-package.js';

/** What the binding of TensorFlow says of itself. */
interface NodeBackend {
  readonly isUsingGpuDevice?: boolean;
  readonly binding?: { readonly TF_Version?: string };
}

export function describeMachine({ tf, package: name, backend }: OpenTfjs): RunMachine {
  const { isUsingGpuDevice, binding } = tf.backend() as NodeBackend;
  return {
    package: name,
    version: TFJS_VERSION,
    backend,
    tensorflow: binding?.TF_Version ?? null,
    device: isUsingGpuDevice === true ? gpuText() : cpuText(),
    system: `${process.platform}-${process.arch}, Node ${process.versions.node}`,
    switches: { ...SWITCHES },
  };
}

function cpuText(): string {
  const all = cpus();
  return `${all.length} × ${all[0]?.model.trim() ?? 'unknown processor'}`;
}

const NVIDIA_CARDS = '/proc/driver/nvidia/gpus';

/** The cards as the driver of NVIDIA lists them under Linux, where TensorFlow for Node finds GPUs. */
function gpuText(): string {
  try {
    const names = readdirSync(NVIDIA_CARDS).map((card) => {
      const text = readFileSync(join(NVIDIA_CARDS, card, 'information'), 'utf8');
      return /^Model:\s*(.+)$/m.exec(text)?.[1] ?? 'unknown GPU';
    });
    return names.length === 0 ? 'unknown GPU' : names.join(', ').slice(0, 300);
  } catch {
    return 'unknown GPU';
  }
}
