import { CATALOG, type ErrorCode } from './catalog.js';
import { type ErrorEntry, type ErrorKind, EXIT_CODES } from './kinds.js';

const BRAND = Symbol.for('gensyn.error');

type Names<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;

/** The arguments an error takes: exactly the names its template and hint mention. */
export type ErrorArguments<Code extends ErrorCode> = {
  readonly [Name in Names<(typeof CATALOG)[Code]['template'] | (typeof CATALOG)[Code]['hint']>]:
    | string
    | number
    | bigint;
};

export interface FailOptions {
  readonly cause?: unknown;
  /** Machine-readable facts for `--json`, beyond what the text says. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** An error of the catalogue. Recognise it with {@link isGensynError}, never with `instanceof`. */
export class GensynError extends Error {
  readonly [BRAND] = true;
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly title: string;
  readonly hint: string;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, args: Readonly<Record<string, string | number | bigint>>, options: FailOptions = {}) {
    const entry: ErrorEntry = CATALOG[code];
    super(fill(entry.template, args), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.kind = entry.kind;
    this.title = entry.title;
    this.hint = fill(entry.hint, args);
    this.data = { ...args, ...options.data };
  }

  get exitCode(): number {
    return EXIT_CODES[this.kind];
  }

  toJSON(): { code: string; message: string; hint: string } {
    return { code: this.code, message: this.message, hint: this.hint };
  }
}
Object.defineProperty(GensynError.prototype, 'name', { value: 'GensynError' });

/** Makes (does not throw) the error of a code: `throw fail('data.short', { path })`. */
export function fail<Code extends ErrorCode>(
  code: Code,
  args: ErrorArguments<Code>,
  options?: FailOptions,
): GensynError {
  return new GensynError(code, args as Readonly<Record<string, string | number | bigint>>, options);
}

/** True for an error of the catalogue (with that code, where one is given), across realms and double installs. */
export function isGensynError(value: unknown, code?: ErrorCode): value is GensynError {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as Record<symbol, unknown>)[BRAND] === true &&
    (code === undefined || (value as GensynError).code === code)
  );
}

function fill(text: string, args: Readonly<Record<string, string | number | bigint>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(args, name) ? String(args[name]) : whole));
}
