/** The options of the fuzzer. */
import { parseArgs } from 'node:util';
import { GROUPS, type Group } from './target.js';

export const USAGE = `Usage: npm run fuzz -- [options]

  --seconds <n>   time for all groups together; 60 unless told
  --only <names>  groups (${GROUPS.join(', ')}) or targets (parsers/npy), separated by commas
  --seed <n>      another seed, other inputs; 1 unless told
  --input <n>     only this input of each target: what a finding names
  --out <folder>  where findings are written; fuzz-findings unless told
  --json          one JSON document instead of the table

Exit code 0: every rule was kept. 20: something was found. 2: the options are wrong.
`;

/** A group, or one of its targets. */
export interface Selected {
  readonly group: Group;
  readonly target?: string;
}

export interface FuzzOptions {
  readonly seconds: number;
  readonly only: readonly Selected[];
  readonly seed: number;
  readonly input?: number;
  readonly out: string;
  readonly json: boolean;
}

/** A mistake in the options. */
export class UsageError extends Error {}

/** Reads the options; `null` where help is asked for. @throws {@link UsageError} */
export function readOptions(args: readonly string[]): FuzzOptions | null {
  const text = { type: 'string' } as const;
  const values = parse(() =>
    parseArgs({
      args: [...args],
      options: {
        seconds: text,
        only: text,
        seed: text,
        input: text,
        out: text,
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }),
  );
  if (values.help === true) return null;
  const only = (values.only ?? GROUPS.join()).split(',').map(selected);
  return {
    seconds: number('seconds', values.seconds ?? '60', 1),
    only,
    seed: number('seed', values.seed ?? '1', 0),
    ...(values.input !== undefined && { input: number('input', values.input, 0) }),
    out: values.out ?? 'fuzz-findings',
    json: values.json === true,
  };
}

function parse<Values>(read: () => { readonly values: Values }): Values {
  try {
    return read().values;
  } catch (error) {
    throw new UsageError((error as Error).message.split('\n')[0]!);
  }
}

function selected(name: string): Selected {
  const [group, target] = name.trim().split('/');
  const known = GROUPS.find((each) => each === group);
  if (known === undefined)
    throw new UsageError(`--only ${name}: there is no group ${group}; there are ${GROUPS.join(', ')}`);
  return target === undefined ? { group: known } : { group: known, target };
}

function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (/^[0-9]{1,10}$/.test(text) && value >= least) return value;
  throw new UsageError(`--${name} ${text}: a whole number from ${least} is needed`);
}
