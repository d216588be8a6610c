/** What a request shows about its sender: one complete frame → what is wrong with it. Pure. */

import { isEmpty, shown } from '../judge/task-fields.ts';
import { describeJsonProblem, type Json } from '../payload/json.ts';
import type { PayloadProblem } from '../payload/object-reader.ts';
import { isRfc3339 } from '../payload/rfc3339.ts';
import {
  ALLOWED_EXTENSIONS,
  DESCRIPTION_CAP,
  FILENAME_CAP,
  JUSTIFICATION_CAP,
  RESULT,
  RESULT_TEXT_CAP,
  SEND_RESULTS,
  STATUS_UPDATE,
  SUBMIT,
  TASK_STATES,
  TYPE_NAMES,
} from '../scenario/bytes.ts';
import { counted } from '../util/counted.ts';
import { TASK_ID } from '../util/task-id.ts';
import type { FrameHeader } from '../wire/frames.ts';
import type { TrafficFrame } from './conversation.ts';
import type { Tail } from './frame-stream.ts';
import { type Flaw, flaw, type RuleId } from './rules.ts';

type Members = ReadonlyMap<string, Json>;
type JsonType = 'string' | 'integer';

const FIELDS: Readonly<Record<number, Readonly<Record<string, JsonType>>>> = {
  [SUBMIT]: { task_id: 'string', task_description: 'string', from_addr: 'string', to_addr: 'string' },
  [STATUS_UPDATE]: { task_id: 'string', status: 'string', justification: 'string' },
  [SEND_RESULTS]: {
    ...{ task_id: 'string', result_type: 'string', result_text: 'string', filename: 'string' },
    ...{ file_data: 'string', completed_at: 'string' },
    ...{ time_idle_ms: 'integer', time_staged_ms: 'integer', time_cpu_ms: 'integer' },
  },
};

const ID_FORM = new RegExp(`^${TASK_ID}$`);
const INTEGER = /^-?(?:0|[1-9]\d{0,18})$/;

/** Every rule that the frame breaks, the one that explains most first. */
export function requestFlaws({ type, length, payload, object }: TrafficFrame): readonly Flaw[] {
  if (object === undefined) return [typeFlaw(type, payload)];
  if (type === RESULT) return [flaw('sender/legacy-type', 'a RESULT was sent')];
  if ('problem' in object) return problemFlaws(object.problem, length, payload);
  const { members } = object;
  const wrong = typeFlaws(FIELDS[type] ?? {}, members);
  return [...wrong, ...contentFlaws(type, members)];
}

/** What is wrong with a header over the cap. */
export function overCapFlaw({ length }: FrameHeader, headerBytes: Uint8Array): Flaw {
  return (
    littleEndianFlaw(headerBytes) ??
    flaw('sender/length-cap', `the header declares ${counted(length, 'byte')}`)
  );
}

/**
 * What is wrong with what follows the last complete frame of a sender that has ended, of which there are `frames`.
 * Less than a header after a frame is judged elsewhere. `isOwnEnd`: it ended by itself, with FIN, and before its receiver did.
 */
export function tailFlaw(tail: Tail, frames: number, isOwnEnd: boolean): Flaw | undefined {
  if (tail.kind !== 'incomplete') return undefined;
  const { bytes, header, object } = tail;
  const came = header ? bytes - 8 : bytes;
  if (header && object && 'members' in object)
    return flaw(
      'sender/length',
      `the header declares ${counted(header.length, 'byte')}, and an object of ${came} came`,
    );
  if (!isOwnEnd) return undefined;
  if (frames > 0 && header === undefined) return undefined;
  return flaw(
    'sender/whole-frame',
    header
      ? `the sender ended after ${came} of the ${header.length} bytes of a payload`
      : `the sender ended after ${came} of the 8 bytes of a header`,
  );
}

function typeFlaw(type: number, payload: Uint8Array): Flaw {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(type);
  return (
    littleEndianFlaw(header) ??
    flaw('sender/type', `the type is ${type}, with ${counted(payload.length, 'byte')} of payload`)
  );
}

function littleEndianFlaw(bytes: Uint8Array): Flaw | undefined {
  const type = Buffer.from(bytes.subarray(0, 4)).readUInt32LE(0);
  return TYPE_NAMES[type] === undefined
    ? undefined
    : flaw('sender/header', `the header is little-endian: in that order its type is ${type}`);
}

/** A depth that the judge does not read, and that is legal up to a bound (M1), is no flaw. */
function problemFlaws(problem: PayloadProblem, length: number, payload: Uint8Array): readonly Flaw[] {
  if (/^[ \t\r\n]*$/.test(Buffer.from(payload).toString('latin1')) && length === payload.length)
    return [
      flaw('sender/not-empty', length === 0 ? 'the payload is empty' : 'the payload is white space only'),
    ];
  switch (problem.code) {
    case 'not-utf8':
      return [flaw('sender/object', 'the payload is not UTF-8')];
    case 'not-an-object':
      return [flaw('sender/object', `the payload is a JSON ${problem.is}`)];
    case 'not-json': {
      const { code, at } = problem.json;
      if (code === 'too-deep') return [];
      return code === 'trailing-data'
        ? [flaw('sender/nothing-after', `something follows the JSON value, at character ${at}`)]
        : [flaw('sender/object', `the payload is not JSON: ${describeJsonProblem(problem.json)}`)];
    }
  }
}

function typeFlaws(fields: Readonly<Record<string, JsonType>>, members: Members): readonly Flaw[] {
  return Object.entries(fields).flatMap(([name, type]) => {
    const json = members.get(name);
    if (json === undefined || json.type === 'null') return [];
    if (type === 'string')
      return json.type === 'string'
        ? []
        : [flaw('sender/field-type', `${name} is ${shown(json)}, not a string`)];
    if (json.type !== 'number')
      return [flaw('sender/field-type', `${name} is ${shown(json)}, not an integer`)];
    const isPlain = INTEGER.test(json.text) && BigInt.asIntN(64, BigInt(json.text)) === BigInt(json.text);
    return isPlain ? [] : [flaw('sender/integer', `${name} is ${shown(json)}`)];
  });
}

function contentFlaws(type: number, members: Members): readonly Flaw[] {
  const found = (): (Flaw | undefined)[] => {
    switch (type) {
      case SUBMIT:
        return [
          idFlaw(members.get('task_id')),
          boundFlaw('sender/description', 'task_description', members, DESCRIPTION_CAP),
        ];
      case STATUS_UPDATE:
        return [
          stateFlaw(members),
          boundFlaw('sender/justification', 'justification', members, JUSTIFICATION_CAP),
        ];
      case SEND_RESULTS:
        return [
          resultTypeFlaw(members),
          extensionFlaw(members),
          base64Flaw(members.get('file_data')),
          boundFlaw('sender/result-bounds', 'result_text', members, RESULT_TEXT_CAP),
          boundFlaw('sender/result-bounds', 'filename', members, FILENAME_CAP),
          timeFlaw(members.get('completed_at')),
        ];
      default:
        return [];
    }
  };
  return found().filter((one) => one !== undefined);
}

function idFlaw(id: Json | undefined): Flaw | undefined {
  if (isEmpty(id)) return flaw('sender/task-id', 'the task_id is empty');
  if (id?.type !== 'string' || ID_FORM.test(id.value)) return undefined;
  return flaw('sender/task-id', `the task_id is ${shown(id)}`);
}

/** Of a string that is cut, the number of its UTF-16 units counts: it has as many bytes at least. */
function boundFlaw(rule: RuleId, name: string, members: Members, cap: number): Flaw | undefined {
  const json = members.get(name);
  if (json?.type !== 'string') return undefined;
  const { value, omitted = 0 } = json;
  const bytes = Buffer.byteLength(value) + omitted;
  const least = omitted > 0 ? 'at least ' : '';
  return bytes > cap ? flaw(rule, `${name} has ${least}${bytes} bytes, more than ${cap}`) : undefined;
}

/** A status that is missing, null or no string is judged elsewhere, or reads as empty. */
function stateFlaw(members: Members): Flaw | undefined {
  const status = members.get('status');
  if (isEmpty(status)) return flaw('sender/state', 'the status is empty');
  if (status?.type !== 'string' || TASK_STATES.some((state) => state === status.value)) return undefined;
  return flaw('sender/state', `the status is ${shown(status)}`);
}

function resultTypeFlaw(members: Members): Flaw | undefined {
  const type = members.get('result_type');
  if (type !== undefined && type.type !== 'string' && type.type !== 'null') return undefined;
  if (type?.type === 'string' && (type.value === 'text' || type.value === 'file')) return undefined;
  return flaw('sender/result-type', `the result_type is ${shown(type)}`);
}

/** Only of a file with data: without, a receiver takes it as a text (R6). */
function extensionFlaw(members: Members): Flaw | undefined {
  const type = members.get('result_type');
  const name = members.get('filename');
  if (type?.type !== 'string' || type.value !== 'file' || isEmpty(members.get('file_data'))) return undefined;
  if (name !== undefined && name.type !== 'string' && name.type !== 'null') return undefined;
  const { value, omitted } = name?.type === 'string' ? name : { value: '', omitted: undefined };
  if (omitted !== undefined) return undefined;
  const dot = value.lastIndexOf('.');
  const extension = dot < 0 ? '' : value.slice(dot).toLowerCase();
  if (ALLOWED_EXTENSIONS.includes(extension)) return undefined;
  return flaw('sender/extension', `the file is named ${shown({ type: 'string', value })}`);
}

function base64Flaw(data: Json | undefined): Flaw | undefined {
  if (data?.type !== 'string' || data.value === '') return undefined;
  const { value, omitted = 0 } = data;
  const foreign = /[^A-Za-z0-9+/=]/.exec(value)?.[0];
  if (foreign !== undefined) return flaw('sender/base64', `file_data holds ${JSON.stringify(foreign)}`);
  if ((value.length + omitted) % 4 !== 0)
    return flaw('sender/base64', `file_data has ${value.length + omitted} characters, no multiple of 4`);
  return /=(?!=?$)/.test(value) && omitted === 0
    ? flaw('sender/base64', 'padding stands within file_data')
    : undefined;
}

function timeFlaw(time: Json | undefined): Flaw | undefined {
  if (time?.type !== 'string' || time.value === '' || isRfc3339(time.value)) return undefined;
  return flaw('sender/time', `completed_at is ${shown(time)}`);
}
