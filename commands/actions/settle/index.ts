/** The cores of `gensyn settle`. */
import type { SettleActions } from '../../settle.js';
import { claim } from './claim.js';
import { deploy } from './deploy.js';
import { cancel, collect, expire, finalize, withdraw } from './ends.js';
import { post } from './post.js';
import { quote, status } from './status.js';
import { take } from './take.js';

export const settle: SettleActions = {
  deploy,
  post,
  take,
  claim,
  status,
  quote,
  finalize,
  collect,
  withdraw,
  cancel,
  expire,
};
