/** Completion scripts for bash, zsh and fish: static text, made from the command tree. */
import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** One command of the tree, as a shell sees it. */
interface Entry {
  /** Words after `gensyn`; none for `gensyn` itself. */
  readonly path: readonly string[];
  readonly subcommands: readonly Described[];
  readonly options: readonly Described[];
}

interface Described {
  readonly words: readonly string[];
  readonly text: string;
}

/** The script, without a line feed at its end. */
export function completionScript(program: Command, shell: Shell): string {
  const entries = collect(program, program, []);
  const writers = { bash: bashScript, zsh: zshScript, fish: fishScript };
  return writers[shell](entries).join('\n');
}

function collect(program: Command, command: Command, path: readonly string[]): Entry[] {
  const visible = command.createHelp().visibleCommands(command);
  const options = [...command.createHelp().visibleOptions(command), ...(command === program ? [] : program.options)];
  const entry: Entry = {
    path,
    subcommands: visible.map((child) => ({ words: [child.name()], text: child.summary() || child.description() })),
    options: unique(options).map((option) => ({ words: flags(option), text: option.description })),
  };
  const children = command.commands.flatMap((child) => collect(program, child, [...path, child.name()]));
  return [entry, ...children];
}

function unique(options: readonly Option[]): Option[] {
  return options.filter((option, index) => options.findIndex(({ flags }) => flags === option.flags) === index);
}

function flags({ short, long }: Option): string[] {
  return [short, long].filter((flag) => flag !== undefined);
}

/** Words that may follow, by the command so far; files wherever no option is being typed. */
function bashScript(entries: readonly Entry[]): string[] {
  return [
    '# bash completion for gensyn',
    '_gensyn() {',
    '  local current="${COMP_WORDS[COMP_CWORD]}" path="" word words',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    case "$path $word" in',
    ...entries
      .filter(({ path }) => path.length > 0)
      .map(({ path }) => `      ${quote(` ${path.join(' ')}`)}) path=${quote(` ${path.join(' ')}`)} ;;`),
    '    esac',
    '  done',
    '  case "$path" in',
    ...entries.map(({ path, subcommands, options }) => {
      const words = [...subcommands, ...options].flatMap((item) => item.words).join(' ');
      return `    ${quote(path.length === 0 ? '' : ` ${path.join(' ')}`)}) words=${quote(words)} ;;`;
    }),
    '  esac',
    '  COMPREPLY=( $(compgen -W "$words" -- "$current") )',
    '  if [[ -n "$path" && "$current" != -* ]]; then COMPREPLY+=( $(compgen -f -- "$current") ); fi',
    '}',
    'complete -o filenames -F _gensyn gensyn',
  ];
}

function zshScript(entries: readonly Entry[]): string[] {
  const describe = (items: readonly Described[]): string =>
    items.flatMap(({ words, text }) => words.map((word) => quote(`${word.replaceAll(':', '\\:')}:${text}`))).join(' ');
  return [
    '#compdef gensyn',
    '_gensyn() {',
    '  local path="" word',
    '  local -a subcommands options',
    '  for word in "${(@)words[2,CURRENT-1]}"; do',
    '    case "$path $word" in',
    ...entries
      .filter(({ path }) => path.length > 0)
      .map(({ path }) => `      ${quote(` ${path.join(' ')}`)}) path=${quote(` ${path.join(' ')}`)} ;;`),
    '    esac',
    '  done',
    '  case "$path" in',
    ...entries.flatMap(({ path, subcommands, options }) => [
      `    ${quote(path.length === 0 ? '' : ` ${path.join(' ')}`)})`,
      `      subcommands=(${describe(subcommands)})`,
      `      options=(${describe(options)})`,
      '      ;;',
    ]),
    '  esac',
    '  if [[ "${words[CURRENT]}" == -* ]]; then _describe option options; return; fi',
    '  (( ${#subcommands} )) && _describe command subcommands',
    '  [[ -n "$path" ]] && _files',
    '}',
    'compdef _gensyn gensyn',
  ];
}

function fishScript(entries: readonly Entry[]): string[] {
  const lines = ['# fish completion for gensyn', 'complete -c gensyn -n __fish_use_subcommand -f'];
  for (const { path, subcommands, options } of entries) {
    const condition = quote(
      path.length === 0
        ? '__fish_use_subcommand'
        : path.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and '),
    );
    for (const { words, text } of subcommands)
      lines.push(`complete -c gensyn -n ${condition} -f -a ${words[0]} -d ${fishQuote(text)}`);
    for (const { words, text } of options) {
      const names = words.map((word) => (word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`));
      lines.push(`complete -c gensyn -n ${condition} ${names.join(' ')} -d ${fishQuote(text)}`);
    }
  }
  return lines;
}

/** A word of a POSIX-like shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Fish knows two escapes inside single quotes. */
function fishQuote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
