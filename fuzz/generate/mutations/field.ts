/** Mutations of certain fields, close to what the clauses of the field document. Other messages stay as they are. */

import fc from 'fast-check';
import { TASK_STATES } from '../../../conformance/scenario/bytes.ts';
import type { Edit, Member } from '../../case/edits.ts';
import { atBound, base64Token, boundToken, filenameToken, timeToken } from '../arbitraries/fields.ts';
import { changing, editMembers, type Mutation } from './mutation.ts';

/** Sets these fields where the message has the first of them, also those that it does not have. */
function setting(drawn: fc.Arbitrary<Readonly<Record<string, string>>>): fc.Arbitrary<Edit> {
  return drawn.map((values) =>
    editMembers((members) => {
      const names = Object.keys(values);
      if (!members.some(({ name }) => name === names[0])) return members;
      const others = names.filter((name) => !members.some((member) => member.name === name));
      const set = (name: string, value: string): Member => ({ name, value: values[name] ?? value });
      return [
        ...members.map(({ name, value }) => set(name, value)),
        ...others.map((name) => set(name, '""')),
      ];
    }),
  );
}

const only = (name: string, token: fc.Arbitrary<string>): fc.Arbitrary<Record<string, string>> =>
  token.map((value) => ({ [name]: value }));

/** Values that have an effect together only. */
const JOINT: fc.Arbitrary<Readonly<Record<string, string>>> = fc.oneof(
  fc.tuple(filenameToken(), base64Token()).map(([filename, data]) => ({
    '"result_type"': '"file"',
    '"filename"': filename,
    '"file_data"': data,
  })),
  filenameToken().map((id) => ({ '"result_type"': '"file"', '"task_id"': id, '"filename"': '"a.txt"' })),
  fc.constantFrom<Readonly<Record<string, string>>>(
    { '"result_type"': '"file"', '"filename"': '""', '"file_data"': '"AAAA"' },
    { '"result_type"': '"file"', '"filename"': '"a.txt"', '"file_data"': '""', '"result_text"': '"a"' },
    { '"result_type"': '"text"', '"filename"': '"../a.txt"', '"file_data"': '"AAAA"', '"result_text"': '""' },
    { '"result_type"': '"FILE"', '"filename"': '"a.txt"', '"file_data"': '"AAAA"' },
    { '"from_addr"': '"0:0000.0000.0001"', '"to_addr"': '"0:0000.0000.0001"' },
  ),
  fc.tuple(fc.constantFrom(...TASK_STATES, 'accepted', ''), atBound()).map(([status, bound]) => ({
    '"status"': JSON.stringify(status),
    '"justification"': boundToken('"justification"', bound),
  })),
);

export const FIELD_MUTATIONS: readonly Mutation[] = [
  {
    name: 'value/bound',
    weight: 4,
    edits: changing(atBound(), (member, bound) => ({ ...member, value: boundToken(member.name, bound) })),
  },
  { name: 'value/time', weight: 3, edits: setting(only('"completed_at"', timeToken())) },
  { name: 'value/base64', weight: 3, edits: setting(only('"file_data"', base64Token())) },
  { name: 'value/filename', weight: 3, edits: setting(only('"filename"', filenameToken())) },
  { name: 'field/joint', weight: 4, edits: setting(JOINT) },
];
