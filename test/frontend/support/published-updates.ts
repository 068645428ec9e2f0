/** Updates of weights by their published formulas, in binary64 and one number at a time: what tfjs does not have. */

export type Weights = number[][];
type Gradients = Weights;

/** Changes weights in place, given their gradients. */
export type Rule = (weights: Weights, gradients: Gradients) => void;

function eachNumber(weights: Weights, change: (weight: number, list: number, at: number) => number): void {
  for (const [list, numbers] of weights.entries()) {
    for (const [at, weight] of numbers.entries()) numbers[at] = change(weight, list, at);
  }
}

const zerosLike = (weights: Weights): Weights => weights.map((numbers) => numbers.map(() => 0));

export function sgd(rate: number): Rule {
  return (weights, gradients) => eachNumber(weights, (weight, list, at) => weight - rate * gradients[list]![at]!);
}

/** Loshchilov and Hutter, "Decoupled weight decay regularization" (2019), algorithm 2. */
export function adamw(rate: number, decays: (list: number) => number): Rule {
  const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-7];
  const slots: { m: Weights; v: Weights }[] = [];
  let step = 0;
  return (weights, gradients) => {
    slots[0] ??= { m: zerosLike(weights), v: zerosLike(weights) };
    const { m, v } = slots[0];
    step++;
    eachNumber(weights, (weight, list, at) => {
      const gradient = gradients[list]![at]!;
      m[list]![at] = beta1 * m[list]![at]! + (1 - beta1) * gradient;
      v[list]![at] = beta2 * v[list]![at]! + (1 - beta2) * gradient * gradient;
      const mean = m[list]![at]! / (1 - beta1 ** step);
      const deviation = Math.sqrt(v[list]![at]! / (1 - beta2 ** step));
      return weight - rate * decays(list) * weight - (rate * mean) / (deviation + epsilon);
    });
  };
}

/** Graves, "Generating sequences with recurrent neural networks" (2013), equations 38 to 45, with Keras's epsilon. */
export function centredRmsprop(rate: number, momentum: number): Rule {
  const [decay, epsilon] = [0.9, 1e-7];
  const slots: { square: Weights; mean: Weights; velocity: Weights }[] = [];
  return (weights, gradients) => {
    slots[0] ??= { square: zerosLike(weights), mean: zerosLike(weights), velocity: zerosLike(weights) };
    const { square, mean, velocity } = slots[0];
    eachNumber(weights, (weight, list, at) => {
      const gradient = gradients[list]![at]!;
      square[list]![at] = decay * square[list]![at]! + (1 - decay) * gradient * gradient;
      mean[list]![at] = decay * mean[list]![at]! + (1 - decay) * gradient;
      const variance = square[list]![at]! - mean[list]![at]! ** 2 + epsilon;
      velocity[list]![at] = momentum * velocity[list]![at]! + (rate * gradient) / Math.sqrt(variance);
      return weight - velocity[list]![at]!;
    });
  };
}

const normOf = (numbers: readonly number[]): number => Math.hypot(...numbers);
const scaleTo = (bound: number, norm: number): number => (norm > bound ? bound / norm : 1);

export const CLIPPING = {
  value: (bound: number) => (gradients: Gradients) =>
    gradients.map((numbers) => numbers.map((number) => Math.min(bound, Math.max(-bound, number)))),
  norm: (bound: number) => (gradients: Gradients) =>
    gradients.map((numbers) => numbers.map((number) => number * scaleTo(bound, normOf(numbers)))),
  globalNorm: (bound: number) => (gradients: Gradients) => {
    const scale = scaleTo(bound, normOf(gradients.flat()));
    return gradients.map((numbers) => numbers.map((number) => number * scale));
  },
};

/** Rescales each column of a matrix, given the column's L2 norm. */
export function eachColumn(matrix: number[], columns: number, factor: (norm: number) => number): void {
  for (let column = 0; column < columns; column++) {
    const norm = normOf(matrix.filter((_, at) => at % columns === column));
    for (let at = column; at < matrix.length; at += columns) matrix[at] = matrix[at]! * factor(norm);
  }
}
