const OWN_CODE = new URL('../../', import.meta.url).href;
const DEEPEST_STACK = 200;
const FRAME = /[\s(]((?:file:|data:|\/).*):(\d+):(\d+)\)?$/;

/**
 * Where in the client's code the running call comes from, as ` (model.mjs, line 12, column 7)` to put behind a sentence;
 * '' where no code of the client is running, as with a model from a file.
 */
export function clientPlace(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = DEEPEST_STACK;
  const stack = new Error('stack').stack ?? '';
  Error.stackTraceLimit = limit;
  for (const frame of stack.split('\n').slice(1)) {
    const [, url, line, column] = FRAME.exec(frame) ?? [];
    if (url !== undefined && !url.includes('/node_modules/') && !url.startsWith(OWN_CODE)) {
      return ` (${fileName(url)}, line ${line}, column ${column})`;
    }
  }
  return '';
}

function fileName(url: string): string {
  return url.startsWith('data:') ? 'the module' : decodeURIComponent(url.slice(url.lastIndexOf('/') + 1));
}
