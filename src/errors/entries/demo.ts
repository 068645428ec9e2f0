import { defineErrors } from '../kinds.js';

/** The story that `gensyn demo` plays. */
export const DEMO_ERRORS = defineErrors({
  'demo.folder-not-empty': {
    kind: 'usage',
    title: 'Folder is not empty',
    template: '{path} holds other things already ({name}).',
    hint: 'Choose a new or empty folder with --keep.',
  },
  'demo.chain-ended': {
    kind: 'environment',
    title: 'The local chain has ended',
    template: 'The local chain (anvil) ended before the story did: {reason}.',
    hint: 'Play it again; `gensyn devnet` shows whether a chain stays up on this machine.',
  },
  'demo.fault-without-effect': {
    kind: 'usage',
    title: 'The fault changes nothing',
    template:
      'With bit {bit} of element {element} of operator {operator} flipped in training step {step}, all {checkpoints} ' +
      'checkpoints are those of the honest run: there is nothing to catch.',
    hint: 'Choose another place with --fault: `gensyn inspect <job> --operator <n>` shows what an operator computes.',
  },
});
