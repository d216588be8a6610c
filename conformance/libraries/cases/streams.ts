/** Frames in a stream, and the names of their types: the vectors of frames.json as cases. */

import { counted } from '../../util/counted.ts';
import type { FrameVector } from '../../vectors/build/vector.ts';
import { payloadBytes, segmentsOf, vectorFile } from '../../vectors/load.ts';
import { type LibraryCase, levelOf } from './case.ts';

const ENDINGS = {
  clean: 'and then the end of the stream',
  truncated: 'and then reports a truncated frame',
  'too-large': 'and then reports that the next frame is too large',
  unread: 'whatever follows them',
} as const;

export function frameCases(): readonly LibraryCase[] {
  return vectorFile('vectors/frames').vectors.map(frameCase);
}

function frameCase(vector: FrameVector): LibraryCase {
  const { id, clause, level, note, frames, ending } = vector;
  const count = counted(frames.length, 'frame');
  return {
    id: `library-frames/${id.slice('frames-'.length)}`,
    clause,
    level: levelOf(level),
    requirement: `A library reads ${count}, ${ENDINGS[ending]}: ${note}`,
    op: 'read_frames',
    args: () => ({
      chunks_base64: Array.from(segmentsOf(vector), (segment) => segment.toString('base64')),
      eof: true,
    }),
    input: 'stream_hex' in vector ? vector.stream_hex : note,
    expect: {
      kind: 'frames',
      frames: frames.map((frame) => ({ type: frame.type, payload: () => payloadBytes(frame) })),
      ending,
    },
  };
}

/** Streams that are still open: nothing of them is truncated yet. */
export function openStreamCases(): readonly LibraryCase[] {
  return vectorFile('vectors/frames')
    .vectors.filter(({ ending }) => ending === 'truncated')
    .map((vector) => {
      const base = frameCase(vector);
      return {
        ...base,
        id: `${base.id}-open`,
        requirement: `A library does not report a truncated frame while the stream is open: ${vector.note}`,
        args: (nowMs) => ({ ...base.args(nowMs), eof: false }),
        expect: { ...base.expect, ending: 'clean' } as LibraryCase['expect'],
      };
    });
}

export function typeNameCases(): readonly LibraryCase[] {
  const names = new Map<number, string>();
  for (const { frames } of vectorFile('vectors/frames').vectors)
    for (const { type, type_name } of frames) names.set(type, type_name);
  return [...names]
    .toSorted(([a], [b]) => a - b)
    .map(([type, text]) => ({
      id: `library-types/${type}`,
      clause: 'F6',
      level: 'MUST',
      requirement: `A library names the type ${type} ${text}.`,
      op: 'type_name',
      args: () => ({ type }),
      input: String(type),
      expect: { kind: 'text', text },
    }));
}
