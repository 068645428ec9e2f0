/** Every reader of what others wrote. */
import type { Target } from '../target.js';
import { CHAIN_TARGETS } from './chain.js';
import { DATA_TARGETS } from './data.js';
import { DATASET_TARGETS } from './datasets.js';
import { FOLDER_TARGETS } from './folders.js';
import { JOB_TARGETS } from './job.js';
import { MACHINE_TARGETS } from './machine.js';
import { MOVE_TARGETS } from './moves.js';
import { NODE_TARGETS } from './node.js';
import { PROGRAM_TEXT_TARGETS } from './program.js';
import { RUN_TARGETS } from './run.js';

export const TARGETS: readonly Target[] = [
  ...DATA_TARGETS,
  ...DATASET_TARGETS,
  ...JOB_TARGETS,
  ...PROGRAM_TEXT_TARGETS,
  ...FOLDER_TARGETS,
  ...RUN_TARGETS,
  ...CHAIN_TARGETS,
  ...MACHINE_TARGETS,
  ...MOVE_TARGETS,
  ...NODE_TARGETS,
];
