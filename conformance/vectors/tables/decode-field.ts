/**
 * Payloads with one known field: each token of decode-tokens.ts as the value of each field of its kind, and different
 * spellings and repetitions of the name of the field.
 */
import { type Bytes, concat, text } from '../../scenario/bytes.ts';
import type { Format } from '../build/formats.ts';
import {
  type Field,
  kebab,
  LEAST_TASK_FILE,
  MESSAGES,
  type Message,
  messageValue,
  TASK_FILE,
} from '../build/messages.ts';
import { payloadFields } from '../build/runs.ts';
import type { DecodeVector, FieldValue, Level } from '../build/vector.ts';
import { TOKENS } from './decode-tokens.ts';

/** `outcome`: the value of the field, undefined when it is missing, or 'refused' when the payload is. */
interface PayloadRow {
  readonly slug: string;
  readonly note: string;
  readonly clause: string;
  readonly level: Level;
  readonly payload: Bytes;
  readonly outcome: FieldValue | 'refused' | undefined;
}

/**
 * Two tokens with their values, a token of the wrong type, and the value of the field when the first token is followed
 * by a null under the same name.
 */
interface FieldTokens {
  readonly one: readonly [token: string, value: FieldValue];
  readonly two: readonly [token: string, value: FieldValue];
  readonly wrong: string;
  readonly oneThenNull: FieldValue | undefined;
}

const TOKENS_BY_KIND: Readonly<Record<Exclude<Field['kind'], 'json'>, FieldTokens>> = {
  string: { one: ['"1"', '1'], two: ['"2"', '2'], wrong: '2', oneThenNull: '1' },
  int64: { one: ['1', 1], two: ['2', 2], wrong: '"2"', oneThenNull: 1 },
  bytes: {
    one: ['"AQ=="', { hex: '01', times: 1 }],
    two: ['"Ag=="', { hex: '02', times: 1 }],
    wrong: '2',
    oneThenNull: undefined,
  },
};

/** With legal values, if not every value is. */
function tokensOf(kind: Exclude<Field['kind'], 'json'>, format: Format | undefined): FieldTokens {
  if (format === undefined) return TOKENS_BY_KIND[kind];
  const [one, two] = format.examples;
  return {
    ...TOKENS_BY_KIND[kind],
    one: [JSON.stringify(one), one],
    two: [JSON.stringify(two), two],
    oneThenNull: one,
  };
}

function tokenRows(field: Field, rest: string): readonly PayloadRow[] {
  const { name, kind, format } = field;
  return TOKENS[kind].map(({ token: any, value: given, ...row }) => {
    const legal = row.slug === 'plain' ? format?.examples[0] : undefined;
    const token = legal === undefined ? any : JSON.stringify(legal);
    return {
      ...row,
      payload: concat(text(`{"${name}":`), typeof token === 'string' ? text(token) : token, text(`${rest}}`)),
      outcome: legal ?? given ?? 'refused',
    };
  });
}

function nameRows({ name, kind, format }: Field, rest: string): readonly PayloadRow[] {
  if (kind === 'json') return [];
  const { one, two, wrong, oneThenNull } = tokensOf(kind, format);
  const row = (
    slug: string,
    note: string,
    clause: string,
    level: Level,
    payload: string,
    outcome: PayloadRow['outcome'],
  ) => ({ slug, note, clause, level, payload: text(payload), outcome });
  const alone = (spelling: string) => `{"${spelling}":${one[0]}${rest}}`;
  const twice = (first: string, second: string) => `{"${name}":${first},"${name}":${second}${rest}}`;
  const escaped = `\\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}`;
  const rows = [
    row('name-escaped', 'An escaped letter in a name is that letter.', 'M6', 'must', alone(escaped), one[1]),
    row('name-and-space', 'A name with a space is another name.', 'M1', 'must', alone(`${name} `), undefined),
    row(
      'name-inside-unknown',
      'The same name inside an unknown field is unknown.',
      'M1',
      'must',
      `{"a":[{"${name}":${wrong}}],"${name}":${one[0]}${rest}}`,
      one[1],
    ),
    row('name-upper-case', 'The name in upper case.', 'M7', 'may', alone(name.toUpperCase()), one[1]),
    row('duplicate', 'Of two equal names the last wins.', 'M7', 'may', twice(one[0], two[0]), two[1]),
    row('duplicate-null', 'A null after the value.', 'M7', 'may', twice(one[0], 'null'), oneThenNull),
    row('duplicate-wrong', 'A wrong type after the value.', 'M7', 'may', twice(one[0], wrong), 'refused'),
    row(
      'duplicate-wrong-first',
      'A wrong type before the value.',
      'M7',
      'may',
      twice(wrong, one[0]),
      'refused',
    ),
  ];
  if (name.includes('s')) {
    const spelling = name.replaceAll('s', '\u017f');
    rows.push(row('name-long-s', 'The name with U+017F for s.', 'M7', 'may', alone(spelling), one[1]));
  }
  if (name.includes('k')) {
    const spelling = name.replaceAll('k', '\u212a');
    rows.push(row('name-kelvin', 'The name with U+212A for k.', 'M7', 'may', alone(spelling), one[1]));
  }
  return rows;
}

/** What a task file needs besides the field. Messages need nothing. */
function othersOf(message: Message, name: string): Readonly<Record<string, string>> {
  if (message !== TASK_FILE) return {};
  return Object.fromEntries(Object.entries(LEAST_TASK_FILE).filter(([other]) => other !== name));
}

/** The decoded value. It has no optional field that is empty. */
function outcomeOf(message: Message, { name, optional }: Field, field: FieldValue | undefined) {
  const isEmpty =
    field === '' || field === 0 || (typeof field === 'object' && 'hex' in field && field.hex === '');
  const given = field === undefined || (optional && isEmpty) ? {} : { [name]: field };
  return messageValue(message, { ...othersOf(message, name), ...given });
}

export const decodeField: readonly DecodeVector[] = MESSAGES.flatMap((message) =>
  message.fields.flatMap((field) => {
    const rest = membersOf(othersOf(message, field.name));
    return [...tokenRows(field, rest), ...nameRows(field, rest)].map(
      ({ slug, note, clause, level, payload, outcome }) => {
        const vector = {
          id: `decode-${message.slug}-${kebab(field.name)}-${slug}`,
          note,
          clause,
          level,
          source: 'derived',
          message: message.name,
          ...payloadFields(payload),
        } as const;
        if (outcome === 'refused') return { ...vector, valid: false };
        return { ...vector, valid: true, value: outcomeOf(message, field, outcome) };
      },
    );
  }),
);

function membersOf(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `,"${name}":"${value}"`)
    .join('');
}
