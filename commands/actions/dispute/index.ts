/** The cores of `gensyn dispute`. */
import type { DisputeActions } from '../../dispute.js';
import { list } from './list.js';
import { open } from './open.js';
import { respond } from './respond.js';
import { show } from './show.js';
import { watch } from './watch.js';

export const dispute: DisputeActions = { open, respond, watch, list, show };
