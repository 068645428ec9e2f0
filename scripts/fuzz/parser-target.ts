/** Targets that read bytes of others: each input is read, or refused by the catalogue, in time and in memory. */
import { isDeepStrictEqual } from 'node:util';
import { mutateBytes } from './mutate-bytes.js';
import { mutateJson } from './mutate-json.js';
import { refused } from './outcome.js';
import { type Bounds, defineTarget, type Fuzzer, type Outcome, type Target } from './target.js';

/** How inputs are made from samples. */
const MUTATORS = { bytes: mutateBytes, json: mutateJson } as const;

export interface Parser<Value> {
  /** `json` for documents, `bytes` for everything else. */
  readonly form: keyof typeof MUTATORS;
  /** Valid files. */
  readonly samples: readonly Uint8Array[];
  /** Files that must be refused, and that inputs are made from as well: bombs. */
  readonly hostile?: readonly Uint8Array[];
  /** The parser under test. */
  parse(bytes: Uint8Array): Value | Promise<Value>;
  /** The writer that belongs to it, if there is one: what is written must be read as the same value. */
  write?(value: Value): Uint8Array | string;
  /** True where a value has one spelling only, so that what is accepted must be what the writer writes. */
  readonly canonical?: boolean;
  close?(): Promise<void>;
}

/** What a parser may take for 64 KiB of input. */
const PARSER_BOUNDS: Bounds = { milliseconds: 250, bytes: 64 << 20 };

/** A parser as a target. Its samples must be accepted, or the inputs made from them would say nothing. */
export function parserTarget<Value>(
  name: string,
  load: () => Parser<Value> | Promise<Parser<Value>>,
  bounds: Bounds = PARSER_BOUNDS,
): Target {
  const open = async (): Promise<Fuzzer<Uint8Array>> => {
    const parser = await load();
    const { samples, hostile = [], form, close } = parser;
    for (const sample of samples) await checkRoundTrip(parser, sample, await parser.parse(sample));
    for (const sample of hostile) {
      if ((await checkParser(parser, sample)) === 'accepted') throw new Error(`${name}: a hostile sample is accepted`);
    }
    return {
      make: (random) => MUTATORS[form](random, [...samples, ...hostile]),
      check: (bytes) => checkParser(parser, bytes),
      show: (bytes) => bytes,
      ...(close && { close }),
    };
  };
  return defineTarget({ name, bounds, open });
}

async function checkParser<Value>(parser: Parser<Value>, bytes: Uint8Array): Promise<Outcome> {
  const before = bytes.slice();
  let value: Value;
  try {
    value = await parser.parse(bytes);
  } catch (error) {
    return refused(error);
  }
  if (Buffer.compare(before, bytes) !== 0) throw new Error('the parser changed its input');
  await checkRoundTrip(parser, bytes, value);
  return 'accepted';
}

/** Writes what was read and reads it again. */
async function checkRoundTrip<Value>(parser: Parser<Value>, bytes: Uint8Array, value: Value): Promise<void> {
  if (parser.write === undefined) return;
  const written = new Uint8Array(Buffer.from(parser.write(value)));
  let again: Value;
  try {
    again = await parser.parse(written);
  } catch (cause) {
    throw new Error('what was accepted is refused after it was written again', { cause });
  }
  if (!isDeepStrictEqual(withoutNegativeZero(again), withoutNegativeZero(value))) {
    throw new Error('what was accepted is another value after it was written again');
  }
  if (parser.canonical === true && Buffer.compare(written, bytes) !== 0) {
    throw new Error('it was accepted in another spelling than the one that is written');
  }
}

/** A copy without −0, which JSON reads and no writer of numbers writes. */
function withoutNegativeZero(value: unknown): unknown {
  if (value === 0) return 0;
  if (Array.isArray(value)) return value.map(withoutNegativeZero);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, withoutNegativeZero(field)]));
}
