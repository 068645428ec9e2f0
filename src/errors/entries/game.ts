import { defineErrors } from '../kinds.js';

/** Disputes: what a player needs to answer. */
export const GAME_ERRORS = defineErrors({
  'game.no-state': {
    kind: 'environment',
    title: 'No state to replay from',
    template: 'The dispute asks for the state after {wanted} training steps, and no state at or before it is stored.',
    hint: 'Put the missing checkpoints back; a solver keeps all of them until the claim is final.',
  },
});
