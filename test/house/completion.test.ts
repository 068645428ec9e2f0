import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { SHELLS } from '../../commands/completion-script.js';
import { gensyn } from './support/verbs.js';

describe('completion', () => {
  test.each(SHELLS)('for %s knows every command and every long option', async (shell) => {
    const script = (await gensyn(`completion ${shell}`)).stdout();
    const spelled = shell === 'fish' ? (option: string) => `-l ${option.slice(2)} ` : (option: string) => option;
    for (const verb of [
      'init',
      'compile',
      'train',
      'verify',
      'inspect',
      'predict',
      'settle',
      'devnet',
      'doctor',
      'completion',
    ]) {
      expect(script).toContain(verb);
      const help = (await gensyn(`${verb} --help`)).stdout();
      for (const [option] of help.matchAll(/(?<=^ {2}(?:-\w, )?)--[a-z-]+/gm))
        expect(script).toContain(spelled(option));
    }
  });

  const complete = async (...words: string[]): Promise<string[]> => {
    const script = (await gensyn('completion bash')).stdout();
    const list = words.map((word) => `'${word}'`).join(' ');
    const test = `${script}\nCOMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _gensyn; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', test], { encoding: 'utf8', cwd: '/' }).trim().split('\n');
  };

  test('in bash offers commands first, then their options', async () => {
    expect(await complete('gensyn', 've')).toEqual(['verify']);
    expect(await complete('gensyn', 'train', 'job.json', '--inj')).toEqual(['--inject-fault']);
    expect(await complete('gensyn', 'verify', '--aga')).toEqual(['--against']);
    expect(await complete('gensyn', 'verify', '--inj')).toEqual(['']);
  });
});
