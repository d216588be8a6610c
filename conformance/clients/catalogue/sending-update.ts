/** What a client sends when it reports the status of a task. */

import { JUSTIFICATION_CAP, repeat } from '../../scenario/bytes.ts';
import { AT_BOUND, CHANGES_TEXT, CONNECTION, OVER_BOUND, TIME } from '../scenario/about.ts';
import type { ClientScenario, MessageFields, Play } from '../scenario/client-scenario.ts';
import { bad, good } from './behaviours.ts';
import { updateFields } from './messages.ts';

/** The ordinary update, to a server that closes after it. */
export const UPDATE: Play = { action: 'update', message: updateFields(), server: good.takesAndCloses };

function justified(justification: MessageFields[string]): Play {
  return { ...UPDATE, message: updateFields({ justification }) };
}

const JUSTIFIED = { kind: 'fields', names: ['justification'] } as const;
const FRAME = 'client-sending/update-frame';
const FIELDS = 'client-sending/update-fields';
const REFUSED = { sent: [{ kind: 'nothing' }], reported: { outcomes: ['refused'] } } as const;

export const sendingUpdate: readonly ClientScenario[] = [
  {
    ...{ id: FRAME, clause: 'F6', level: 'MUST' },
    requirement: 'A STATUS_UPDATE is a frame of type 3.',
    play: UPDATE,
    sent: [{ kind: 'frame', type: 3 }],
    control: 'client-sending/speaks-first',
  },
  {
    ...{ id: FIELDS, clause: 'M12', level: 'MUST' },
    requirement: 'The task_id, the status and the justification of an update are sent as they were given.',
    play: UPDATE,
    sent: [{ kind: 'fields', names: ['task_id', 'status', 'justification'] }],
    control: FRAME,
    likely: 'A field has another name, the status is a number or in lower case, or the id is changed.',
  },
  {
    ...{ id: 'client-sending/update-sent', clause: 'U1', level: 'MUST' },
    requirement: 'An update has no answer: a client that has sent it whole reports that.',
    play: UPDATE,
    reported: { outcomes: ['sent'] },
    control: FRAME,
    likely: 'The client waits for an answer, and takes the close of the connection as an error.',
  },
  {
    ...{ id: 'client-sending/update-unanswered', clause: 'U1', level: 'MUST' },
    about: TIME,
    requirement: 'An update has no answer: a client does not need the server to close, either.',
    play: { ...UPDATE, server: good.silent, timeoutMs: 1000 },
    reported: { outcomes: ['sent'] },
    control: 'client-sending/update-sent',
    likely: 'The client waits until the server closes or answers, and reports an error when neither comes.',
  },
  {
    ...{ id: 'client-sending/update-answered', clause: 'U1', level: 'SHOULD' },
    requirement: 'A client ignores an answer to its update.',
    play: { ...UPDATE, server: good.rejects, timeoutMs: 1000 },
    reported: { outcomes: ['sent'] },
    control: 'client-sending/update-sent',
    likely: 'The answer is read as that to a submit.',
  },
  {
    ...{ id: 'client-sending/update-one-frame', clause: 'T2', level: 'SHOULD' },
    requirement: 'A client sends one update on a connection, and nothing after it.',
    play: UPDATE,
    sent: [{ kind: 'one-frame' }],
    control: FRAME,
    likely: 'A line break or a second frame follows the payload.',
  },
  {
    ...{ id: 'client-sending/update-empty-justification', clause: 'M2', level: 'MUST' },
    requirement: 'An empty justification is sent as an empty text, or left out.',
    play: justified(''),
    sent: [{ kind: 'fields', names: ['task_id', 'status', 'justification'] }],
    control: FIELDS,
    likely: 'An empty text is sent as null, or as a default text.',
  },
  {
    ...{ id: 'client-sending/update-justification-unicode', clause: 'M12', level: 'MUST' },
    fault: CHANGES_TEXT,
    requirement: 'A justification in any script is sent as it was given.',
    play: justified('Keine Zeit – 時間がない "\\ \u{1f680}'),
    sent: [JUSTIFIED],
    control: FIELDS,
    likely:
      'The length in the header counts characters, or the text is written in another encoding than UTF-8.',
  },
  {
    ...{ id: 'client-sending/update-justification-at-cap', clause: 'U4', level: 'SHOULD' },
    about: AT_BOUND,
    requirement: 'A justification of exactly 4 096 bytes is within the bound, and is sent.',
    play: justified(repeat('a', JUSTIFICATION_CAP)),
    sent: [JUSTIFIED],
    control: FIELDS,
    likely: 'The bound is compared with >= in place of >, or is another number.',
  },
  {
    ...{ id: 'client-sending/update-justification-over-cap', clause: 'U4', level: 'SHOULD' },
    about: OVER_BOUND,
    requirement: 'A client refuses a justification of more than 4 096 bytes before it sends anything.',
    play: justified(repeat('a', JUSTIFICATION_CAP + 1)),
    ...REFUSED,
    control: 'client-sending/update-justification-at-cap',
    likely: 'The justification is not compared with the bound before it is sent.',
  },
  {
    ...{ id: 'client-sending/update-justification-over-cap-in-bytes', clause: 'U4', level: 'SHOULD' },
    about: OVER_BOUND,
    requirement:
      'A client refuses a justification of more than 4 096 bytes, even if it has fewer characters.',
    play: justified(repeat('é', JUSTIFICATION_CAP / 2 + 1)),
    ...REFUSED,
    control: 'client-sending/update-justification-over-cap',
    likely: 'The bound is compared with characters or UTF-16 units; U4 counts the bytes of the UTF-8.',
  },
  {
    ...{ id: 'client-sending/update-not-connected', clause: 'T1', level: 'MUST' },
    about: CONNECTION,
    requirement: 'A client that cannot connect reports an error, not that its update was sent.',
    play: { ...UPDATE, server: bad.absent },
    reported: { outcomes: ['error'] },
    control: 'client-sending/update-sent',
    likely: 'The error of the connection is not caught, or is ignored.',
  },
];
