/** `gensyn completion`: a script that completes commands and options, printed from the command tree itself. */
import { Argument, type Command } from 'commander';
import { completionScript, SHELLS, type Shell } from './completion-script.js';
import type { CommandContext } from './context.js';
import { examplesText } from './help-text.js';

export function defineCompletion(program: Command, context: CommandContext): void {
  program
    .command('completion')
    .summary('print a completion script for your shell')
    .description('Prints a script that completes the commands and options of gensyn.')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .addHelpText(
      'after',
      examplesText([
        'gensyn completion bash > ~/.local/share/bash-completion/completions/gensyn',
        'gensyn completion zsh > "${fpath[1]}/_gensyn"',
        'gensyn completion fish > ~/.config/fish/completions/gensyn.fish',
      ]),
    )
    .action((shell: Shell, _options: unknown, command: Command) =>
      context.execute(command, async () => {
        const script = completionScript(program, shell);
        return { result: { shell, script }, text: script };
      }),
    );
}
