/** The one document that `--json` writes. Its schema's number changes when a field changes its meaning or goes. */

export interface DocumentError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** Machine-readable facts behind the message. */
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface DocumentParts {
  /** Words of the command without `gensyn`, joined by dots: `verify`, `dispute.open`; `cli` where there is none. */
  readonly command: string;
  readonly result: unknown;
  readonly warnings: readonly string[];
  /** Null where the command did its work. A verdict against a run is a result, not an error. */
  readonly error: DocumentError | null;
  readonly version: string;
  readonly durationMs: number;
}

/**
 * The document as one line of text, with a line feed. Large integers become decimal texts and bytes become 0x-hex; the
 * keys of a `result` keep their order.
 */
export function formatDocument({ command, result, warnings, error, version, durationMs }: DocumentParts): string {
  const document = {
    schema: `gensyn.${command}/1`,
    ok: error === null,
    result: result ?? null,
    warnings,
    error,
    meta: { version, durationMs: Math.round(durationMs) },
  };
  return `${JSON.stringify(document, portable)}\n`;
}

function portable(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (ArrayBuffer.isView(value)) {
    return `0x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`;
  }
  return value;
}
