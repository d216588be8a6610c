/**
 * Sequences of messages over several connections, from a model of the two roles: which tasks have been submitted, and which
 * messages may follow, for example a duplicate, or a result before the acceptance. fast-check draws the commands. They run
 * against a recorder and not against a server, and give a case, which is executed, minimised and saved like any other.
 */

import fc from 'fast-check';
import { type Action, type Case, EXACT } from '../case/case.ts';
import type { Member } from '../case/edits.ts';
import { idToken } from './arbitraries/messages.ts';

/** The task ids so far, as JSON tokens, and the last status of each. */
interface Model {
  readonly tasks: { readonly id: string; status: string }[];
}

/** Records what the peers of a target send. */
interface Recorder {
  readonly connections: Action[][];
}

type Command = fc.Command<Model, Recorder>;

const MOST_COMMANDS = 8;
const STATUSES = ['ACCEPTED', 'DECLINED', 'EXECUTING', 'COMPLETED', 'CANCELLED'];

/** One message about a task of the model, or about a new one. */
class Send implements Command {
  readonly #type: number;
  readonly #task: { readonly new: string } | { readonly nth: number };
  readonly #status: string;
  readonly #isOnLast: boolean;

  constructor(type: number, task: Send['task'], status: string, isOnLast: boolean) {
    this.#type = type;
    this.#task = task;
    this.#status = status;
    this.#isOnLast = isOnLast;
  }

  get task(): { readonly new: string } | { readonly nth: number } {
    return this.#task;
  }

  check({ tasks }: Readonly<Model>): boolean {
    return 'new' in this.#task || tasks.length > 0;
  }

  run({ tasks }: Model, { connections }: Recorder): void {
    const known = 'nth' in this.#task ? tasks[this.#task.nth % tasks.length] : undefined;
    const task = known ?? { id: 'new' in this.#task ? this.#task.new : '""', status: 'NEW' };
    if (known === undefined) tasks.push(task);
    else if (this.#type === 3) task.status = this.#status;
    const members = fieldsOf(this.#type, task.id, this.#status);
    const text = `{${members.map(({ name, value }) => `"${name}":${value}`).join(',')}}`;
    const action: Action = { do: 'frame', type: this.#type, declared: EXACT, payload: Buffer.from(text) };
    const last = connections.at(-1);
    if (this.#isOnLast && last !== undefined) last.push(action);
    else connections.push([action]);
  }

  toString(): string {
    return `type ${this.#type} about ${'new' in this.#task ? 'a new task' : `task ${this.#task.nth}`}`;
  }
}

function fieldsOf(type: number, id: string, status: string): Member[] {
  const common = [{ name: 'task_id', value: id }];
  if (type === 1) {
    const names = ['task_description', 'from_addr', 'to_addr'];
    return [...common, ...names.map((name) => ({ name, value: '"a"' }))];
  }
  if (type === 3) {
    return [...common, { name: 'status', value: `"${status}"` }, { name: 'justification', value: '"a"' }];
  }
  return [
    ...common,
    { name: 'result_type', value: '"text"' },
    { name: 'result_text', value: '"a"' },
    { name: 'completed_at', value: '"2025-06-01T12:00:00Z"' },
  ];
}

/** Cases that are sequences, on one connection or several. */
export function sequence(): fc.Arbitrary<Case> {
  const isOnLast = fc.boolean();
  const nth = fc.nat({ max: 3 }).map((n) => ({ nth: n }));
  const status = fc.constantFrom(...STATUSES);
  const fresh = idToken().map((id) => ({ new: id }));
  const command = (type: fc.Arbitrary<number>, task: fc.Arbitrary<Send['task']>): fc.Arbitrary<Send> =>
    fc.tuple(type, task, status, isOnLast).map((parts) => new Send(...parts));
  const commands = fc.commands(
    [
      command(fc.constant(1), fresh),
      command(fc.constant(1), nth),
      command(fc.constant(3), nth),
      command(fc.constant(4), nth),
      command(fc.constantFrom(3, 4), fresh),
    ],
    { maxCommands: MOST_COMMANDS, size: 'max' },
  );
  return fc.tuple(commands, fc.constantFrom('at-once', 'in-turn')).map(([list, arrangement]) => {
    const real: Recorder = { connections: [] };
    fc.modelRun(() => ({ model: { tasks: [] }, real }), list);
    return { arrangement, connections: real.connections.length > 0 ? real.connections : [[]] };
  });
}
