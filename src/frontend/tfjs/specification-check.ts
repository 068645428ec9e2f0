import { fail } from '../../errors/index.js';
import { OPTIMIZER_NAMES } from './optimizers.js';
import { LOSS_NAMES, type OptimizerSpec, type RecordingSpec } from './specification.js';

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
  checkOptimizer(optimizer);
  for (const metric of spec.metrics) {
    if (metric !== 'accuracy' || labels.kind !== 'class') {
      throw fail('frontend.unknown-metric', { name: String(metric), labels: labels.kind });
    }
  }
  checkSize('batchSize', spec.batchSize, 1);
  checkMicroBatches(spec);
  checkSize('evaluationBatchSize', spec.evaluationBatchSize, 0);
  checkShape('inputShape', spec.inputShape);
  checkShape('labels.shape', labels.shape ?? []);
  if (labels.kind === 'class') {
    checkSize('labels.classes', labels.classes, 2);
  }
}

function checkOptimizer({ clip, ...options }: OptimizerSpec): void {
  for (const [field, value] of Object.entries({ ...options, ...clip })) {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      const expected = 'a finite number';
      throw fail('frontend.invalid-specification', { field: `optimizer.${field}`, found: value, expected });
    }
  }
  if (clip === undefined) return;
  const bounds = Object.values(clip).filter((bound) => bound !== undefined);
  if (bounds.length !== 1 || !(bounds[0]! > 0)) {
    const found = JSON.stringify(clip);
    const expected = 'exactly one of norm, globalNorm and value, greater than 0';
    throw fail('frontend.invalid-specification', { field: 'optimizer.clip', found, expected });
  }
}

function checkMicroBatches({ batchSize, microBatches = 1 }: RecordingSpec): void {
  checkSize('microBatches', microBatches, 1);
  if (batchSize % microBatches !== 0) {
    const expected = `a divisor of the batch size ${batchSize}`;
    throw fail('frontend.invalid-specification', { field: 'microBatches', found: microBatches, expected });
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
