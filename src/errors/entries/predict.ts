import { defineErrors } from '../kinds.js';

/** What keeps a trained model from answering. */
export const PREDICT_ERRORS = defineErrors({
  'predict.not-in-bundle': {
    kind: 'usage',
    title: 'This job cannot be asked',
    template: 'The job {job} carries no prediction: it was compiled by an older release, or its model cannot be asked.',
    hint: 'Compile the job again and train it; gensyn compile warns where a model cannot be asked.',
  },
  'predict.no-checkpoint': {
    kind: 'usage',
    title: 'No such checkpoint',
    template: '{path} has no checkpoint after training step {step}; it has {stored}.',
    hint: 'Choose one of them with --checkpoint, or leave it out for the newest.',
  },
  'predict.rows': {
    kind: 'usage',
    title: 'Rows out of range',
    template:
      'Rows {first} to {last} were asked for; the {part} data have rows 0 to {end}, and at most {limit} are shown.',
    hint: 'Choose other rows with --rows i..j.',
  },
  'predict.option': {
    kind: 'usage',
    title: 'Option does not fit the job',
    template: '{option} is for {fits}; this job learns from {found}.',
    hint: 'Leave it out; gensyn predict --help says which option is for what.',
  },
  'predict.prompt': {
    kind: 'usage',
    title: 'Prompt is empty',
    template: 'The text to go on from is empty.',
    hint: 'Pass at least one character with --text, or leave it out.',
  },
  'predict.not-finite': {
    kind: 'usage',
    title: 'The model gives no probabilities',
    template: 'The model gives {value} as the probability of token {token}: its training did not stay finite.',
    hint: 'Choose an earlier checkpoint with --checkpoint, or train with a lower learning rate.',
  },
});
