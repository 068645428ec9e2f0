import { fail } from '../../errors/index.js';
import { OPTIMIZER_NAMES } from './optimizers.js';
import { LOSS_NAMES, type RecordingSpec } from './specification.js';

const LARGEST_SIZE = 2 ** 24;
const LARGEST_RANK = 6;

/** Refuses what cannot be recorded before tfjs sees it. Values may come from a job file: their types are not trusted. */
export function checkSpecification(spec: RecordingSpec): void {
  const { loss, optimizer, labels } = spec;
  if (!(LOSS_NAMES as readonly string[]).includes(loss)) {
    throw fail('frontend.unknown-loss', { name: String(loss), supported: LOSS_NAMES.join(', ') });
  }
  if (!(OPTIMIZER_NAMES as readonly string[]).includes(optimizer.name)) {
    throw fail('frontend.unknown-optimizer', { name: String(optimizer.name), supported: OPTIMIZER_NAMES.join(', ') });
  }
  for (const [field, value] of Object.entries(optimizer)) {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw fail('frontend.invalid-specification', {
        field: `optimizer.${field}`,
        found: value,
        expected: 'a finite number',
      });
    }
  }
  for (const metric of spec.metrics) {
    if (metric !== 'accuracy' || labels.kind !== 'class') {
      throw fail('frontend.unknown-metric', { name: String(metric), labels: labels.kind });
    }
  }
  checkSize('batchSize', spec.batchSize, 1);
  checkSize('evaluationBatchSize', spec.evaluationBatchSize, 0);
  checkShape('inputShape', spec.inputShape);
  checkShape('labels.shape', labels.shape ?? []);
  if (labels.kind === 'class') {
    checkSize('labels.classes', labels.classes, 2);
  }
}

function checkShape(field: string, shape: readonly number[]): void {
  if (shape.length > LARGEST_RANK) {
    const expected = `at most ${LARGEST_RANK} dimensions`;
    throw fail('frontend.invalid-specification', { field, found: `${shape.length} dimensions`, expected });
  }
  for (const size of shape) {
    checkSize(field, size, 1);
  }
}

function checkSize(field: string, size: number, least: number): void {
  if (!Number.isSafeInteger(size) || size < least || size > LARGEST_SIZE) {
    const expected = `a whole number from ${least} to ${LARGEST_SIZE}`;
    throw fail('frontend.invalid-specification', { field, found: String(size), expected });
  }
}
