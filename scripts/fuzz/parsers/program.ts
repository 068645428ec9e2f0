/** The reader of programs. Every program has one text. */
import { isUtf8 } from 'node:buffer';
import { fail } from '../../../src/errors/index.js';
import { parseProgram, serializeProgram } from '../../../src/program/serialize.js';
import { sampleProgram } from '../../../test/program/sample-program.js';
import { parserTarget } from '../parser-target.js';
import type { Target } from '../target.js';
import { toyBundle } from '../toy-run.js';

export const PROGRAM_TEXT_TARGETS: readonly Target[] = (['bytes', 'json'] as const).map((form) =>
  parserTarget(`program-${form}`, () => ({
    form,
    samples: [sampleProgram(), toyBundle().program].map(
      (program) => new Uint8Array(Buffer.from(serializeProgram(program))),
    ),
    parse: (bytes) => {
      // As the reader of bundles does.
      if (!isUtf8(bytes)) throw fail('job.bundle-invalid', { reason: 'it is not UTF-8 text' });
      return parseProgram(Buffer.from(bytes).toString());
    },
    write: serializeProgram,
    canonical: true,
  })),
);
