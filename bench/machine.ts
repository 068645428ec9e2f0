import { arch, availableParallelism, cpus, loadavg, platform } from 'node:os';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly node: string;
  readonly platform: string;
  /** Processes that wanted to run during the last minute, before the benchmark began. */
  readonly load: number;
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: availableParallelism(),
    node: process.version,
    platform: `${platform()} ${arch()}`,
    load: Math.round(10 * loadavg()[0]!) / 10,
  };
}
