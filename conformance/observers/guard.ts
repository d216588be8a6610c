/**
 * A shell that outlives the kit: when the kit is killed, its end of a pipe closes, and the guard ends the process groups that
 * the kit has started, and the processes that left them. POSIX only.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { type Mark, newMark } from './marked-processes.ts';

/**
 * Waits for lines: `add N` for a group that has started, `gone N` for one that has ended, because its id may then belong to
 * other processes, and `done` when nothing is left. If the input ends before, the kit was killed: ends the groups and the
 * processes with the mark $1, and removes the folder $2. The groups end first, so that they start no further process.
 */
const GUARD = `
  groups=' '
  while read -r word group; do
    case $word in
      add) groups="$groups$group " ;;
      gone) groups="\${groups%% $group *} \${groups#* $group }" ;;
      done) exit ;;
    esac
  done
  for group in $groups; do
    kill -9 -"$group"
  done
  for found in $(grep -las "$1" /proc/[0-9]*/environ); do
    pid=\${found#/proc/}
    kill -9 "\${pid%/environ}"
  done
  [ -z "$2" ] || rm -rf -- "$2"
`;

/** Guards process groups until `done`. Groups that share a guard have its mark in their environment. */
export class Guard {
  readonly mark: Mark = newMark();
  readonly #shell: ChildProcess;

  /** If the kit is killed, `folder` is removed after the processes; default: none. */
  constructor(folder = '') {
    this.#shell = spawn('/bin/sh', ['-c', GUARD, 'guard', this.mark.text, folder], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#shell.on('error', () => {});
    this.#shell.stdin?.on('error', () => {});
    // The kit can end while a command runs.
    this.#shell.unref();
  }

  /** A group has started. */
  add(group: number): void {
    this.#shell.stdin?.write(`add ${group}\n`);
  }

  /** All processes of the group have ended. */
  gone(group: number): void {
    this.#shell.stdin?.write(`gone ${group}\n`);
  }

  /** Nothing is left. */
  done(): void {
    this.#shell.stdin?.end('done\n');
  }
}
