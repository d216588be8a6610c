/** `conform init`: writes a configuration file, a CI workflow and a list of known failures for a project. */

import { resolve } from 'node:path';
import { EXIT } from '../../conformance/report/exit-status.ts';
import { quoted } from '../../conformance/util/quoted.ts';
import { command } from '../core/command.ts';
import { UsageError } from '../core/errors.ts';
import { type Answers, askAll, CI_SERVICES, checkExec, checkTarget, onTerminal } from '../init/answers.ts';
import type { InitFile } from '../init/files.ts';
import { addIgnored, GITIGNORE, ignoredBy } from '../init/ignored.ts';
import { packageCommand } from '../init/package-command.ts';

export const initCommand = command({
  usage: 'init [folder]',
  describe: 'Write a configuration file, a CI workflow and a list of known failures',
  exits: { success: 'done', usage: 'the command line is wrong, or a file exists or cannot be written' },
  positionals: {
    folder: { type: 'string', default: '.', describe: 'Folder of the project' },
  },
  options: {
    exec: {
      type: 'string',
      requiresArg: true,
      describe: 'Command that starts your server, with {port} and {dir}',
    },
    target: { type: 'string', requiresArg: true, describe: 'Address of a server that runs, as host:port' },
    ci: { choices: CI_SERVICES, requiresArg: true, describe: 'Where CI runs; default: github' },
    force: {
      type: 'boolean',
      default: false,
      describe: 'Replace files that exist; a list of known failures stays',
    },
  },
  conflicts: [['exec', 'target']],
  examples: [
    ['$0 init', 'ask how the server starts, and where CI runs'],
    ["$0 init --exec './server {port} {dir}' --ci gitlab", 'ask nothing'],
  ],
  run: async ({ folder, exec, target, ci, force }, context) => {
    const { filesFor, writeAll } = await import('../init/files.ts');
    let answers: Answers;
    if (exec !== undefined) answers = { server: { exec: checkExec(exec) }, ci: ci ?? 'github' };
    else if (target !== undefined) answers = { server: { target: checkTarget(target) }, ci: ci ?? 'github' };
    else if (context.isTerminal && process.stdin.isTTY)
      answers = await onTerminal(context, (ask) => askAll(ask, context.out, ci));
    else
      throw new UsageError(
        'init needs --exec COMMAND or --target HOST:PORT, because it can ask only on a terminal; see conform init --help',
        'missing-argument',
      );
    const kit = await packageCommand(folder);
    const files = await filesFor(folder, answers, kit);
    const patterns = ignoredBy(files.map(({ text }) => text).join(''));
    const written: Pick<InitFile, 'path' | 'purpose'>[] = [...(await writeAll(folder, files, force))];
    const added = await addIgnored(folder, patterns);
    if (added !== undefined && added.length > 0)
      written.push({ path: GITIGNORE, purpose: `now with ${added.join(' ')}` });
    const width = Math.max(...written.map(({ path }) => path.length)) + 1;
    for (const { path, purpose } of written) context.out(`${`${path}:`.padEnd(width)} ${purpose}\n`);
    const ignore = added === undefined ? patterns : [];
    context.out(`${nextSteps(folder, answers, kit.here, ignore).join('\n')}\n`);
    return EXIT.success;
  },
});

/** What to do next, a line each. `ignore`: what a .gitignore should have. */
function nextSteps(
  folder: string,
  { server, ci }: Answers,
  conform: string,
  ignore: readonly string[],
): readonly string[] {
  return [
    '',
    'Next:',
    ...(resolve(folder) === process.cwd() ? [] : [`  cd ${quoted(folder)}`]),
    `  ${conform}                          judge the server`,
    `  ${conform} --update-known-failures  list what fails today, so that CI fails only for what is new`,
    ...(ci !== 'none' && 'target' in server
      ? [`  Let the workflow start the server on ${server.target} before the command judges it.`]
      : []),
    ...(ignore.length > 0 ? [`  Put into ${GITIGNORE}: ${ignore.join(' ')}`] : []),
  ];
}
