/** Random command lines over the whole tree: commands, options and values that fit, nearly fit, or do not fit at all. */
import type { Command } from 'commander';
import { buildProgram } from '../../commands/program.js';
import { COMMANDS } from '../../commands/tree.js';
import type { Random } from '../../test/referee/random-operators.js';

const ODD_VALUES = [
  ...[
    '0',
    '1',
    '2',
    '3',
    '4',
    '-1',
    '1.5',
    '1e3',
    '0x10',
    '9'.repeat(30),
    'NaN',
    'Infinity',
    '',
    ' ',
    '-',
    '--',
    '=',
    '٣',
  ],
  ...[
    '1/2',
    '2/1',
    '0/0',
    '1,2,3,4',
    '0,0,0,0',
    '412,7,0,30',
    'a,b',
    ',',
    'all',
    'last',
    'text',
    'json',
    'junit',
    'github',
  ],
  ...['wasm', 'reference', 'nonsense', 'bash', 'adam', 'mlp', 'classification', '6h', '10m', '1 ether', '0.1'],
  ...[
    `0x${'11'.repeat(20)}`,
    `0x${'22'.repeat(32)}`,
    '0x',
    '0xzz',
    'http://127.0.0.1:1',
    'ftp://x',
    'http://[',
    '127.0.0.1',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'é😀\ud800',
    'x'.repeat(5000),
    '\u001b[31m',
    'a\nb',
    '../..',
    '/nowhere/at/all',
  ],
];

const GLOBALS = [
  '--json',
  '--no-color',
  '--no-input',
  '--quiet',
  '-q',
  '--help',
  '-h',
  '--version',
  '-V',
  '--format=json',
];

/** One level of the tree: a command that does something. */
interface Leaf {
  readonly path: readonly string[];
  readonly required: number;
  readonly options: readonly { readonly flag: string; readonly takesValue: boolean; readonly isRequired: boolean }[];
}

/** Makes command lines of the given top-level commands (all, unless told); `values` are worth trying beside the odd ones. */
export function commandLines(values: readonly string[], only?: readonly string[]): (random: Random) => string[] {
  const program = buildProgram({ execute: async () => undefined }, COMMANDS, { text: '' });
  const leaves = leavesOf(program, []).filter(({ path }) => only === undefined || only.includes(path[0]!));
  const pick = <Item>(random: Random, items: readonly Item[]): Item => items[random.below(items.length)]!;
  const value = (random: Random): string => pick(random, random.below(3) > 0 ? values : ODD_VALUES);
  return (random) => {
    const { path, required, options } = pick(random, leaves);
    const line = [...path, ...Array.from({ length: required }, () => value(random))];
    const more = options.length === 0 ? [] : Array.from({ length: random.below(5) }, () => pick(random, options));
    for (const { flag, takesValue } of [...options.filter(({ isRequired }) => isRequired), ...more]) {
      line.push(
        ...(takesValue ? (random.below(4) === 0 ? [`${flag}=${value(random)}`] : [flag, value(random)]) : [flag]),
      );
    }
    for (let extra = random.below(3); extra > 0; extra--)
      line.splice(random.below(line.length + 1), 0, pick(random, GLOBALS));
    return spoiled(random, line, value);
  };
}

/** Now and then a word is missing, misspelt, twice or of another command. */
function spoiled(random: Random, line: readonly string[], value: (random: Random) => string): string[] {
  const at = random.below(line.length);
  const word = line[at] ?? '';
  const ways = [[], [word, word], [word.slice(1)], [`${word}x`], [value(random)], [word, '--'], [`--${word}`]];
  return random.below(4) > 0 ? [...line] : line.toSpliced(at, 1, ...ways[random.below(ways.length)]!);
}

function leavesOf(command: Command, path: readonly string[]): Leaf[] {
  if (command.commands.length > 0) {
    return command.commands.flatMap((child) => leavesOf(child, [...path, child.name()]));
  }
  const options = command.options.map((option) => ({
    flag: option.long ?? option.short ?? '',
    takesValue: option.required || option.optional,
    isRequired: option.mandatory,
  }));
  return [{ path, required: command.registeredArguments.filter(({ required }) => required).length, options }];
}
