/** One connection: which side sends first, delays, several frames and half-closes (T1, T2, T4–T6). */

import { HEADER_BYTES, slice, taskId } from '../../scenario/bytes.ts';
import { quoted, submit } from '../../scenario/messages.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { answers, answersSome, closes, fin, pause, send, silent } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

export const transportConnection: readonly Scenario[] = [
  {
    id: 'transport/does-not-speak-first',
    clause: 'T1',
    level: 'MUST',
    requirement: 'A receiver sends nothing to a peer that has connected and sent nothing.',
    steps: [pause(50)],
    accept: [silent(), closes()],
    control: ANSWERED,
    likely: [
      {
        when: ['answered', 'partial frame'],
        cause: 'A greeting or a banner is sent when a connection is accepted.',
      },
    ],
  },
  {
    id: 'transport/late-first-byte',
    clause: 'T6',
    level: 'SHOULD',
    requirement: 'A receiver answers a peer that sends its frame 300 ms after it has connected.',
    steps: [pause(300), send(submit())],
    accept: [answers()],
    control: ANSWERED,
    likely: [
      {
        when: ['no answer, closed'],
        cause: 'The idle timeout is shorter than the delays of a slow network.',
      },
    ],
  },
  {
    id: 'transport/second-frame-in-turn',
    clause: 'T2',
    level: 'MAY',
    requirement:
      'A receiver closes after one frame or serves a second one, and answers each frame that it serves exactly once.',
    steps: [send(submit()), pause(50), send(submit({ task_id: quoted(taskId(2)) }))],
    accept: [answersSome([taskId(), taskId(2)])],
    control: ANSWERED,
    likely: [
      {
        when: ['number of frames', 'task_id wrong value'],
        cause: 'State of the first frame is still set when the second one is read.',
      },
    ],
  },
  {
    id: 'transport/half-close-without-a-frame',
    clause: 'T5',
    level: 'MUST',
    requirement: 'A receiver closes without an answer when the peer half-closes before it has sent any byte.',
    steps: [pause(20), fin()],
    accept: [closes()],
    control: ANSWERED,
    likely: [
      { when: ['answered'], cause: 'The end of the stream is answered as an error.' },
      {
        when: ['kept open', 'died'],
        cause: 'The end of the stream is not handled while a header is awaited.',
      },
    ],
  },
  {
    id: 'transport/half-close-after-a-while',
    clause: 'T4',
    level: 'SHOULD',
    requirement: 'A receiver answers a frame whose last segment arrives together with the half-close.',
    steps: [send(slice(submit(), 0, HEADER_BYTES)), pause(20), send(slice(submit(), HEADER_BYTES)), fin()],
    accept: [answers()],
    control: ANSWERED,
    likely: [
      {
        when: ['no answer, closed'],
        cause:
          'The end of the stream is handled before the bytes that arrived with it, or the frame is expected in one read.',
      },
    ],
  },
];
