/** What `gensyn demo` writes, for tests to read. */

interface Move {
  readonly move: string;
  readonly phase: string;
  readonly range: { readonly first: number; readonly count: number };
  readonly by: string;
  readonly gas: number;
  readonly ms: number;
  readonly txHash: string;
  readonly instructionsLeft: string;
}

interface Operator {
  readonly index: number;
  readonly kind: string;
  readonly label: string;
}

/** The result of `--json`; amounts are decimal texts in wei. */
export interface DemoDocument {
  readonly job: { readonly name: string; readonly steps: number; readonly checkpointEvery: number };
  readonly honest: { readonly traceRoot: string };
  readonly cheat: { readonly traceRoot: string };
  readonly fault: {
    readonly step: number;
    readonly operator: Operator;
    readonly element: number;
    readonly bit: number;
  };
  readonly verification: { readonly intervals: readonly number[]; readonly beacon: string | null };
  readonly dispute: {
    readonly solverBond: string;
    readonly verdict: string;
    readonly ending: string;
    readonly loser: string;
    readonly gas: { readonly cheat: number; readonly verifier: number };
    readonly moveBound: { readonly solver: number; readonly challenger: number };
    readonly instruction: {
      readonly result: { readonly expected: { readonly bits: string }; readonly claimed: { readonly bits: string } };
    };
    readonly moves: readonly Move[];
  };
  readonly transactions: readonly { readonly by: string; readonly fee: string }[];
  readonly balances: readonly {
    readonly role: string;
    readonly before: string;
    readonly after: string;
    readonly difference: string;
    readonly gasPaid: string;
  }[];
  readonly burnt: string;
  readonly contractBalance: string;
}

/** The text without its colours. */
export function withoutColour(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}

/** True where some text has a background colour. */
export function hasBackground(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
  return /\u001b\[(?:4[0-9]|10[0-7])/.test(text);
}

/** The chain's address, which the story names. */
export function urlIn(text: string): string {
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
  if (url === undefined) throw new Error(`no address in:\n${text}`);
  return url;
}
