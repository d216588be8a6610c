/** `conform completion`: prints the script with which a shell completes command lines. */

import { basename } from 'node:path';
import { EXIT } from '../../conformance/report/exit-status.ts';
import { command } from '../core/command.ts';
import { SCRIPTS, SHELLS } from './scripts.ts';

export const completionCommand = command({
  usage: 'completion [shell]',
  describe: 'Print a completion script for bash, zsh or fish',
  printsResult: true,
  exits: { success: 'done' },
  positionals: {
    shell: {
      type: 'string',
      choices: SHELLS,
      describe: 'Default: that of SHELL in the environment, or bash',
    },
  },
  options: {},
  examples: [
    ['$0 completion bash >> ~/.bashrc', 'for bash; in zsh: >> ~/.zshrc, after compinit'],
    ['$0 completion fish > ~/.config/fish/completions/conform.fish', 'for fish'],
  ],
  run: async ({ shell }, context) => {
    const own = basename(process.env['SHELL'] ?? '');
    context.out(SCRIPTS[shell ?? SHELLS.find((name) => name === own) ?? 'bash']);
    return EXIT.success;
  },
});
