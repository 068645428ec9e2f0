import { fail } from '../../errors/index.js';
import { type Optimizer, tf, type Variable } from './load-tfjs.js';
import { createRmsprop } from './rmsprop.js';
import type { OptimizerName, OptimizerSpec } from './specification.js';

export const OPTIMIZER_NAMES: readonly OptimizerName[] = [
  'sgd',
  'momentum',
  'adam',
  'adamw',
  'adamax',
  'rmsprop',
  'adagrad',
  'adadelta',
];

/** A placeholder: the learning rate is bound as a tensor inside of the step. */
const RATE = 1;

/** The tfjs optimiser of a specification. Numbers that are not given take tfjs's defaults. */
export function createOptimizer(spec: OptimizerSpec): Optimizer {
  switch (spec.name) {
    case 'sgd':
      return tf.train.sgd(RATE);
    case 'momentum':
      return tf.train.momentum(RATE, spec.momentum ?? 0.9, spec.nesterov ?? false);
    case 'adam':
    case 'adamw':
      return tf.train.adam(RATE, spec.beta1, spec.beta2, spec.epsilon);
    case 'adamax':
      return tf.train.adamax(RATE, spec.beta1, spec.beta2, spec.epsilon);
    case 'rmsprop':
      return createRmsprop(spec);
    case 'adagrad':
      return tf.train.adagrad(RATE, spec.initialAccumulatorValue);
    case 'adadelta':
      return tf.train.adadelta(RATE, spec.rho, spec.epsilon);
    default:
      throw fail('frontend.unknown-optimizer', {
        name: String((spec as { name?: unknown }).name),
        supported: OPTIMIZER_NAMES.join(', '),
      });
  }
}

export interface OptimizerSlot {
  readonly variable: Variable;
  /** The slot's kind, such as `adam/m` or `adam/beta1Power`. */
  readonly role: string;
  /** For a slot that belongs to a weight, its position in the list of trained weights. */
  readonly weight: number | null;
}

type SlotList = readonly { readonly variable: Variable }[];

type SlotFields = readonly (readonly [field: string, slot: string])[];

const ADAM_FIELDS: SlotFields = [
  ['accumulatedFirstMoment', 'm'],
  ['accumulatedSecondMoment', 'v'],
  ['accBeta1', 'beta1Power'],
  ['accBeta2', 'beta2Power'],
];

/** Where tfjs keeps slots, field → our name for them. Fields hold one variable, or one per trained weight. */
const SLOT_FIELDS: Readonly<Record<OptimizerName, SlotFields>> = {
  sgd: [],
  momentum: [['accumulations', 'velocity']],
  adam: ADAM_FIELDS,
  adamw: ADAM_FIELDS,
  adamax: [
    ['accumulatedFirstMoment', 'm'],
    ['accumulatedWeightedInfNorm', 'u'],
    ['iteration', 'iteration'],
    ['accBeta1', 'beta1Power'],
  ],
  rmsprop: [
    ['accumulatedMeanSquares', 'meanSquare'],
    ['accumulatedMoments', 'velocity'],
    ['accumulatedMeanGrads', 'meanGradient'],
  ],
  adagrad: [['accumulatedGrads', 'sumOfSquares']],
  adadelta: [
    ['accumulatedGrads', 'meanSquareGradient'],
    ['accumulatedUpdates', 'meanSquareUpdate'],
  ],
};

/** The optimiser's variables in a fixed order. Complete after the first step, which creates most of them. */
export function optimizerSlots(name: OptimizerName, optimizer: Optimizer): OptimizerSlot[] {
  const fields = optimizer as unknown as Record<string, Variable | SlotList | undefined>;
  return SLOT_FIELDS[name].flatMap(([field, slot]): OptimizerSlot[] => {
    const held = fields[field];
    const role = `${name}/${slot}`;
    if (held === undefined) {
      return [];
    }
    if (Array.isArray(held)) {
      return (held as SlotList).map(({ variable }, weight) => ({ variable, role, weight }));
    }
    return [{ variable: held as Variable, role, weight: null }];
  });
}
