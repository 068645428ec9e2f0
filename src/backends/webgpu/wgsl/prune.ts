/** Leaves the functions of a library away that a shader does not call: drivers need long for text that nobody uses. */

interface LibraryFunction {
  readonly name: string;
  readonly text: string;
}

/** The declarations of a library that are no functions, and the functions that `shader` needs, in their order. */
export function neededFunctions(library: string, shader: string): string {
  const [head, functions] = parse(library);
  const needed = new Set<string>();
  const visit = (text: string): void => {
    for (const { name, text: body } of functions) {
      if (needed.has(name) || !new RegExp(`\\b${name}\\(`).test(text)) continue;
      needed.add(name);
      visit(body);
    }
  };
  visit(shader);
  return [head, ...functions.filter(({ name }) => needed.has(name)).map(({ text }) => text)].join('\n');
}

const parsed = new Map<string, readonly [string, readonly LibraryFunction[]]>();

/** Every function of a library begins with `fn` at the start of a line. */
function parse(library: string): readonly [string, readonly LibraryFunction[]] {
  const known = parsed.get(library);
  if (known !== undefined) return known;
  const [head, ...rest] = library.split(/^fn /m);
  const functions = rest.map((text) => ({ name: text.slice(0, text.indexOf('(')), text: `fn ${text.trimEnd()}` }));
  const answer = [head!, functions] as const;
  parsed.set(library, answer);
  return answer;
}
