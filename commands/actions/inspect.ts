/** The core of `gensyn inspect`. */

import type { Meaning } from '../../src/job/prediction.js';
import type { ProgramDescription } from '../../src/program/describe.js';
import { type BundleDescription, type Inspection, inspect as inspectPath } from '../../src/run/inspect.js';
import { machineText } from '../../src/run/run-machine.js';
import type { Action } from '../context.js';
import type { InspectOptions } from '../inspect.js';
import { facts, table } from './table.js';

export const inspect: Action<InspectOptions> = async (options, invocation) => {
  const { path, operator } = options;
  if (operator !== undefined) {
    const { inspectOperator } = await import('./inspect-operator.js');
    return inspectOperator({ ...options, operator }, invocation);
  }
  const result = await inspectPath(path);
  return { result, text: textOf(result) };
};

function textOf(found: Inspection): string {
  switch (found.type) {
    case 'job':
      return `Job file ${found.path}\n\n${JSON.stringify(found.job, null, 2)}`;
    case 'bundle':
      return `Bundle ${found.path}\n\n${bundleText(found)}`;
    case 'checkpoint':
      return `Checkpoint ${found.path}\n\n${checkpointText(found)}`;
    case 'run':
      return `Run ${found.path}\n\n${runText(found)}\n\n${bundleText(found.job)}`;
  }
}

function runText({ manifest, trace, storedCheckpoints }: Inspection & { type: 'run' }): string {
  const fault = manifest.injectFault;
  return facts([
    ['backend', `${manifest.backend}${manifest.canonical ? '' : ', not canonical: its bits are nobody’s promise'}`],
    ...(manifest.machine === undefined ? [] : [['machine', machineText(manifest.machine)] as const]),
    ['trace', trace.complete ? `complete, ${trace.leaves} state roots` : `${trace.leaves} state roots so far`],
    ['trace root', trace.root ?? 'none before the run is complete'],
    ['checkpoints on disk', String(storedCheckpoints.length)],
    ...(fault === null
      ? []
      : [
          [
            'drill',
            `bit ${fault.bit} of element ${fault.element} of operator ${fault.operator} flipped in step ${fault.step}`,
          ] as const,
        ]),
  ]);
}

function bundleText(bundle: BundleDescription): string {
  const rows = bundle.operators.map(({ index, kind, label, domain, reduction, instructions, sources }) => [
    String(index),
    kind,
    `[${domain}]${reduction.length > 0 ? ` Σ[${reduction}]` : ''}`,
    String(instructions),
    sources.join(', '),
    label,
  ]);
  return `${facts([
    ['job', bundle.name],
    ['job hash', bundle.jobHash],
    ['program hash', bundle.programHash],
    ['genesis root', bundle.genesisRoot],
    ['steps', `${bundle.steps}, a checkpoint every ${bundle.checkpointEvery}`],
    ['predicts', meaningText(bundle.predicts)],
    ...programFacts(bundle.program),
  ])}\n\n${table(['#', 'kind', 'elements', 'instructions', 'reads', 'label'], rows)}`;
}

function meaningText(meaning: Meaning | null): string {
  if (meaning === null) return 'nothing: the model cannot be asked';
  if (meaning.kind === 'values') return 'values';
  if (meaning.kind === 'class')
    return meaning.names === null ? 'a class' : `one of ${meaning.names.length} named classes`;
  if (meaning.vocabulary === null) return 'the next byte';
  return `the next of ${Array.from(meaning.vocabulary).length} characters`;
}

function programFacts(program: ProgramDescription): [string, string][] {
  return [
    ['operators', `${program.temporaries} temporary, ${program.states} state; ${program.definitions} definitions`],
    ['state', `${program.stateWords} words`],
    ['constants', `${program.constantWords} words`],
    ['instructions', `${program.instructionsPerStep} in a training step`],
  ];
}

function checkpointText({ metadata, tensors }: Inspection & { type: 'checkpoint' }): string {
  const { tensors: _, ...rest } = metadata;
  const rows = tensors.map(({ name, dtype, shape, blake3 }) => [name, `${dtype}[${shape}]`, blake3]);
  return `${facts(Object.entries(rest))}\n\n${table(['tensor', 'type', 'BLAKE3'], rows)}`;
}
