/** The core of `gensyn doctor`. */
import { defaultThreads, examineBackends } from '../../src/backends/registry.js';
import { EXIT_CODES } from '../../src/errors/index.js';
import { ARITHMETIC_VERSION } from '../../src/numerics/instructions.js';
import { examineTensorflow } from '../../src/peers/tensorflow/examine.js';
import type { Action } from '../context.js';
import type { DoctorOptions } from '../doctor.js';
import { table } from './table.js';

export const doctor: Action<DoctorOptions> = async (_, { progress }) => {
  progress.phase('probing backends');
  const threads = defaultThreads();
  const backends = [...(await examineBackends(threads)), await examineTensorflow()];
  const rows = backends.map(({ name, available, canonical, device, reason }) => [
    name,
    available ? 'yes' : 'no',
    canonical ? 'yes' : 'no',
    [device, reason === '' ? 'every bit of the conformance probe agrees' : reason].filter(Boolean).join(': '),
  ]);
  const usable = backends.some(({ available, canonical }) => available && canonical);
  return {
    result: { arithmeticVersion: ARITHMETIC_VERSION, node: process.versions.node, threads, backends },
    text: `Node ${process.versions.node}, ${threads} threads, arithmetic version ${ARITHMETIC_VERSION}\n\n${table(['backend', 'available', 'canonical', 'finding'], rows)}`,
    ...(usable ? {} : { exitCode: EXIT_CODES.environment }),
  };
};
