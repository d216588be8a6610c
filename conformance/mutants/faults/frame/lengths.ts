/** Servers that misread the length of a frame, or end its payload elsewhere (F1, F2, F8, M2, S6). */

import {
  MAX_PAYLOAD_BYTES as CAP,
  encodeFrame,
  FrameDecoder,
  TYPE_SUBMIT,
} from '../../../../reference/index.ts';
import type { Mutant } from '../../server/mutant.ts';
import { type Replacement, rejection } from '../../server/pipeline.ts';
import { refusal, refusesText, replacesFramer, rewritesHeader } from '../../server/replacements.ts';

/** Collects frames without a cap. `signed` reads a signed length, `refuse` applies the cap to the complete frame. */
function uncapped({
  signed = false,
  refuse,
}: {
  signed?: boolean;
  refuse?: 'early' | 'late';
} = {}): Replacement {
  return replacesFramer(() => {
    const pending: Buffer[] = [];
    let bytes = 0;
    return {
      push: (chunk) => {
        pending.push(Buffer.from(chunk));
        bytes += chunk.length;
      },
      next: () => {
        if (bytes < 8) return undefined;
        const head = Buffer.concat(pending.slice(0, 8)).subarray(0, 8);
        const length = signed ? head.readInt32BE(4) : head.readUInt32BE(4);
        if (refuse === 'early' && length > CAP) throw refusal();
        if (length < 0 || bytes < 8 + length) return undefined;
        if (refuse === 'late' && length > CAP) throw refusal();
        const all = Buffer.concat(pending);
        pending.splice(0, pending.length, all.subarray(8 + length));
        bytes -= 8 + length;
        return { type: all.readUInt32BE(0), payload: all.subarray(8, 8 + length) };
      },
      end: () => {
        if (bytes > 0) throw refusal();
      },
    };
  });
}

/** Ends a payload where its JSON ends. */
const endsWithJson: Replacement = replacesFramer(() => {
  let all = Buffer.alloc(0);
  return {
    push: (chunk) => {
      all = Buffer.concat([all, chunk]);
    },
    next: () => {
      if (all.length < 8) return undefined;
      const payload = all.subarray(8);
      const declared = all.readUInt32BE(4);
      if (declared > CAP) throw refusal();
      const length = isJson(payload.toString()) ? payload.length : declared;
      if (payload.length < length) return undefined;
      const type = all.readUInt32BE(0);
      all = payload.subarray(length);
      return { type, payload: payload.subarray(0, length) };
    },
    end: () => {
      if (all.length > 0) throw refusal();
    },
  };
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Refuses legal lengths above `most`. */
function capped(most: number): Replacement {
  return rewritesHeader((header) => {
    if (header.readUInt32BE(4) > most && header.readUInt32BE(4) <= CAP) throw refusal();
  });
}

/** Answers a frame over the cap. `answer` receives the first bytes of the stream, and undefined closes the connection. */
function answersOverCap(answer: (head: Buffer) => Uint8Array | undefined): Replacement {
  return ({ send }) => {
    let head = Buffer.alloc(0);
    return {
      framer: () => {
        head = Buffer.alloc(0);
        const correct = new FrameDecoder();
        return {
          push: (chunk) => {
            head = Buffer.concat([head, chunk.subarray(0, 64)]);
            correct.push(chunk);
          },
          next: () => correct.next(),
          end: () => correct.end(),
        };
      },
      refuse: (socket, error) => {
        const bytes = error.code === 'frame-too-large' ? answer(head) : undefined;
        if (bytes === undefined) socket.destroy();
        else void send(socket, bytes).then(() => socket.end());
      },
    };
  };
}

const OVER_CAP = [
  'frame/length-over-cap',
  'frame/length-over-cap-in-part',
  'frame/length-twice-the-cap',
  'frame/length-int-max',
  'frame/length-sign-bit',
  'frame/length-all-ones',
];

const OVER_CAP_FOREIGN = [
  'frame/stranger-http*',
  'frame/stranger-ssh',
  'frame/stranger-smtp',
  'frame/stranger-proxy-header',
  'frame/stranger-bare-json',
  'frame/stranger-json-line',
  'frame/stranger-all-ones',
];

export const lengths: readonly Mutant[] = [
  {
    name: 'either-byte-order',
    clause: 'F1',
    fault: 'The server reads a header that exceeds the cap a second time in little-endian byte order.',
    fails: ['frame/little-endian-refused'],
    breaks: rewritesHeader((header) => {
      if (header.readUInt32BE(4) > CAP) header.subarray(0, 8).swap32();
    }),
  },
  {
    name: 'length-unlimited',
    clause: 'F2',
    fault: 'The server has no cap on the length of a frame: it waits for the payload and processes it.',
    fails: [...OVER_CAP, 'frame/length-over-cap-with-payload', ...OVER_CAP_FOREIGN],
    breaks: uncapped(),
  },
  {
    name: 'length-checked-late',
    clause: 'F2',
    fault: 'The server compares the length with the cap only after it has read the whole payload.',
    fails: [...OVER_CAP, ...OVER_CAP_FOREIGN],
    breaks: uncapped({ refuse: 'late' }),
  },
  {
    name: 'length-signed',
    clause: 'F1',
    fault: 'The server reads the length as a signed number and waits for ever if it is negative.',
    fails: ['frame/length-sign-bit', 'frame/length-all-ones', 'frame/stranger-all-ones'],
    breaks: uncapped({ signed: true, refuse: 'early' }),
  },
  {
    name: 'cap-exclusive',
    clause: 'F2',
    fault: 'The server refuses a length of exactly 16 MiB.',
    fails: ['frame/length-at-cap-header', 'frame/length-at-cap'],
    breaks: capped(CAP - 1),
  },
  {
    name: 'cap-halved',
    clause: 'F2',
    fault: 'The server refuses a length of more than 8 MiB.',
    fails: ['frame/length-at-cap-header', 'frame/length-at-cap', 'frame/length-below-cap'],
    breaks: capped(CAP / 2),
  },
  {
    name: 'over-cap-answered',
    clause: 'F2',
    fault: 'The server answers a frame over the cap with 400.',
    fails: [...OVER_CAP, 'frame/length-over-cap-with-payload', ...OVER_CAP_FOREIGN],
    breaks: (correct, environment) =>
      answersOverCap(() => correct.encode(rejection('', 'too long')))(correct, environment),
  },
  {
    name: 'strangers-told',
    clause: 'F2',
    fault: 'The server answers a frame over the cap with a line of text.',
    fails: [...OVER_CAP, ...OVER_CAP_FOREIGN],
    breaks: answersOverCap(() => Buffer.from('protocol error\r\n')),
  },
  {
    name: 'http-spoken',
    clause: 'F2',
    fault: 'The server answers an HTTP request in HTTP.',
    fails: ['frame/stranger-http*'],
    breaks: answersOverCap((head) =>
      /^(GET|POST|PRI) /.test(head.toString()) ? Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') : undefined,
    ),
  },
  {
    name: 'json-without-header',
    clause: 'F1',
    fault: 'The server treats a stream that begins with a brace as a payload without a header.',
    fails: ['frame/stranger-bare-json', 'frame/stranger-json-line'],
    breaks: replacesFramer((decoder) => {
      let isFirst = true;
      return {
        push: (chunk) => {
          const text = Buffer.from(chunk).toString().trimStart();
          const hasHeader = !isFirst || !text.startsWith('{');
          isFirst = false;
          decoder.push(hasHeader ? chunk : encodeFrame({ type: TYPE_SUBMIT, payload: Buffer.from(text) }));
        },
      };
    }),
  },
  {
    name: 'length-ignored',
    clause: 'F1',
    fault: 'The server ends a payload where its JSON ends, regardless of the length in the header.',
    fails: [
      'frame/payload-awaited',
      'frame/length-shorter-than-json',
      'frame/truncated-payload-whole-json',
      'store/nothing-of-truncated-whole-json',
    ],
    breaks: endsWithJson,
  },
  {
    name: 'empty-payload-accepted',
    clause: 'F8',
    fault: 'The server accepts an empty payload as a message without fields.',
    fails: ['frame/zero-length'],
    breaks: ({ parse }) => ({
      parse: (frame) => parse(frame.payload.length === 0 ? { ...frame, payload: Buffer.from('{}') } : frame),
      submit: async ({ taskId }) => ({ taskId, status: 200, message: 'ok' }),
    }),
  },
  {
    name: 'short-payload-accepted',
    clause: 'S6',
    fault: 'The server accepts a payload of less than two bytes as a message without fields.',
    fails: ['frame/zero-length', 'frame/length-one'],
    breaks: ({ parse }) => ({
      parse: (frame) => parse(frame.payload.length < 2 ? { ...frame, payload: Buffer.from('{}') } : frame),
      submit: async ({ taskId }) => ({ taskId, status: 200, message: 'ok' }),
    }),
  },
  {
    name: 'payload-minimum',
    clause: 'M2',
    fault: 'The server refuses a payload of less than 16 bytes.',
    fails: ['frame/length-two'],
    breaks: refusesText((text) => text.length < 16),
  },
];
