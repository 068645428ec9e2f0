/** Texts that the help of commands has in common. */

/** What each exit code means; `src/errors/kinds.ts` holds the numbers. */
export const EXIT_CODE_TABLE: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'done; for verify: verified'],
  [2, 'the command line or a job file is wrong'],
  [3, 'the environment: disk, backend, missing program'],
  [4, 'a key or a password'],
  [5, 'the chain'],
  [6, 'a file is damaged or not what it claims to be'],
  [20, 'negative verdict: diverged, dispute lost'],
  [21, 'inconclusive, or not yet'],
  [22, 'a deadline was missed'],
  [70, 'a mistake inside gensyn'],
  [130, 'interrupted (143: terminated)'],
];

/** Text after a command's help: lines of `command  # what it does`. */
export function examplesText(examples: readonly string[]): string {
  return ['', 'Examples:', ...examples.map((example) => `  $ ${example}`)].join('\n');
}

/** The table of exit codes, as help shows it. */
export function exitCodeText(): string {
  return ['Exit codes:', ...EXIT_CODE_TABLE.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`)].join(
    '\n',
  );
}
