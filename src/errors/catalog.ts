import { BACKEND_ERRORS } from './entries/backend.js';
import { BUNDLE_ERRORS } from './entries/bundle.js';
import { CHAIN_ERRORS } from './entries/chain.js';
import { COMMAND_ERRORS } from './entries/command.js';
import { COMMITMENT_ERRORS } from './entries/commitment.js';
import { DATA_ERRORS } from './entries/data.js';
import { DEMO_ERRORS } from './entries/demo.js';
import { DISPUTE_ERRORS } from './entries/dispute.js';
import { FRONTEND_ERRORS } from './entries/frontend.js';
import { GAME_ERRORS } from './entries/game.js';
import { JOB_ERRORS } from './entries/job.js';
import { LOWERING_ERRORS } from './entries/lowering.js';
import { MARKET_ERRORS } from './entries/market.js';
import { PREDICT_ERRORS } from './entries/predict.js';
import { PROGRAM_ERRORS } from './entries/program.js';
import { RUN_ERRORS } from './entries/run.js';
import { TENSORFLOW_ERRORS } from './entries/tensorflow.js';
import { TRAINING_ERRORS } from './entries/training.js';
import { WEBGPU_ERRORS } from './entries/webgpu.js';

/** Every error the product can report: the single source of codes, texts, hints and exit codes. */
export const CATALOG = {
  ...PROGRAM_ERRORS,
  ...COMMITMENT_ERRORS,
  ...BACKEND_ERRORS,
  ...BUNDLE_ERRORS,
  ...FRONTEND_ERRORS,
  ...LOWERING_ERRORS,
  ...DATA_ERRORS,
  ...JOB_ERRORS,
  ...RUN_ERRORS,
  ...TRAINING_ERRORS,
  ...PREDICT_ERRORS,
  ...GAME_ERRORS,
  ...CHAIN_ERRORS,
  ...MARKET_ERRORS,
  ...DISPUTE_ERRORS,
  ...DEMO_ERRORS,
  ...COMMAND_ERRORS,
  ...WEBGPU_ERRORS,
  ...TENSORFLOW_ERRORS,
} as const;

export type ErrorCode = keyof typeof CATALOG;
