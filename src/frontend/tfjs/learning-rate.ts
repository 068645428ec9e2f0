import { type Optimizer, type Tensor, tf } from './load-tfjs.js';
import type { RecordingSession } from './recording-session.js';
import type { OptimizerName } from './specification.js';

/** A number that no model contains; it marks where an optimiser writes its learning rate as a constant. */
const MARK = Math.fround(1.2345679e-21);

/**
 * Lets the tensor `learningRate` (float32 scalar) act as the optimiser's learning rate. To be called inside of the
 * step, before `minimize`. tfjs takes numbers only, in three ways:
 * SGD and momentum multiply by a kept scalar −rate; RMSProp hands the number to an operation, which may be a tensor;
 * the others compute `-rate` in JavaScript, so a mark is put in its place and recognised when it is written.
 */
export function bindLearningRate(
  session: RecordingSession,
  name: OptimizerName,
  optimizer: Optimizer,
  learningRate: Tensor,
): void {
  const fields = optimizer as unknown as { c: Tensor; learningRate: number | Tensor };
  switch (name) {
    case 'sgd':
    case 'momentum':
      if (!fields.c.isDisposed) {
        fields.c.dispose();
      }
      fields.c = tf.keep(tf.neg(learningRate));
      return;
    case 'rmsprop':
      fields.learningRate = learningRate;
      return;
    default:
      fields.learningRate = MARK;
      session.scalarStandIns.set(-MARK, session.valueOf(tf.neg(learningRate)));
  }
}
