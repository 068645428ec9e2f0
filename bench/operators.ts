/**
 * `node dist/bench/operators.js [job.json]`: where the time of one training step goes, on one thread: operator by
 * operator, or several where they run together.
 */
import { wasmBackend } from '../src/backends/wasm/wasm-backend.js';
import type { Operator } from '../src/expr/operator.js';
import { outputWords, product, regionsOf } from '../src/expr/operator.js';
import type { Bundle } from '../src/job/bundle.js';
import { compileJobFile } from '../src/job/compile.js';
import { isInstructionName } from '../src/numerics/instructions.js';
import { fixturePath } from './repository.js';
import { type ProfiledTask, profileStep } from './step-profile.js';

const [path = fixturePath('jobs/fashion-mlp.json')] = process.argv.slice(2);
const { bundle } = await compileJobFile(path, {}, wasmBackend);
print(bundle, profileStep(bundle, { warmUps: 8, steps: 60 }));

function print({ program }: Bundle, tasks: readonly ProfiledTask[]): void {
  const total = tasks.reduce((sum, { microseconds }) => sum + microseconds, 0);
  const write = (cells: readonly (string | number)[]): void => {
    const widths = [5, 9, 7, 9, 8, 13, 36];
    const text = cells.map((cell, at) =>
      at < 5 ? String(cell).padStart(widths[at]!) : String(cell).padEnd(widths[at] ?? 0),
    );
    process.stdout.write(`${text.join('  ').trimEnd()}\n`);
  };
  write(['no.', 'µs', 'share', 'GFLOP/s', 'GB/s', 'kind', 'label', 'output <- reduction']);
  for (const { operators: members, microseconds } of tasks.toSorted((a, b) => b.microseconds - a.microseconds)) {
    if (members.length === 0) continue;
    const { operator, label } = program.operators[members[0]!]!;
    const seconds = microseconds / 1e6;
    const sum = (of: (operator: Operator) => number): number =>
      members.reduce((total, at) => total + of(program.operators[at]!.operator), 0);
    write([
      members[0]!,
      microseconds.toFixed(1),
      `${((100 * microseconds) / total).toFixed(1)} %`,
      (sum(floatOperations) / seconds / 1e9).toFixed(1),
      (sum(touchedBytes) / seconds / 1e9).toFixed(1),
      operator.kind,
      members.length === 1 ? label : `${label} and ${members.length - 1} more`,
      `${operator.domain.join('×')} <- ${operator.reduction.join('×') || '·'}`,
    ]);
  }
  process.stdout.write(
    `\n${tasks.length} tasks, ${total.toFixed(0)} µs: ${(1e6 / total).toFixed(0)} steps/s on one thread\n`,
  );
}

/** Instructions on binary32 numbers, as the definition counts them. */
function floatOperations(operator: Operator): number {
  const { body, reduction } = operator;
  const regions = regionsOf(body);
  const turns = reduction.length === 0 ? 1 : product(reduction);
  const each = body.nodes.reduce((sum, node, at) => {
    if (!isInstructionName(node.op) || node.dtype !== 'f32') return sum;
    return sum + (regions[at] === 'fold' ? turns : 1);
  }, 0);
  return each * outputWords(operator);
}

/** Bytes of the output and of all operands, as if each were touched once. A gather touches less. */
function touchedBytes(operator: Operator): number {
  return 4 * operator.operands.reduce((sum, { words }) => sum + words, outputWords(operator));
}
