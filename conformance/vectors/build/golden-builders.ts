/** Builders for golden frames: a file, and its entry in the index. */
import { createHash } from 'node:crypto';
import type { Bytes } from '../../scenario/bytes.ts';
import { bytesOf } from './runs.ts';
import type { GoldenFrame, Level, MessageName, Value } from './vector.ts';

/** Files up to this size stand in the index as hex as well. */
const MAX_HEX_BYTES = 512;

export interface Golden {
  readonly entry: GoldenFrame;
  readonly content: Buffer;
}

function describe(slug: string, note: string, clause: string, level: Level, bytes: Bytes) {
  const content = bytesOf(bytes);
  return {
    content,
    entry: {
      id: `golden-${slug}`,
      note,
      clause,
      level,
      source: 'derived',
      file: `${slug}.bin`,
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      ...(content.length <= MAX_HEX_BYTES && { hex: content.toString('hex') }),
    },
  } as const;
}

type Layer = Extract<GoldenFrame, { valid: false }>['refused_by'];

/** A legal message. */
export function accepted(
  slug: string,
  note: string,
  bytes: Bytes,
  message: MessageName,
  value: Value,
): Golden {
  const { content, entry } = describe(slug, note, 'M12', 'must', bytes);
  return { content, entry: { ...entry, valid: true, message, value } };
}

/** A frame that the layer refuses. */
export function refused(
  slug: string,
  note: string,
  clause: string,
  level: Level,
  layer: Layer,
  bytes: Bytes,
): Golden {
  const { content, entry } = describe(slug, note, clause, level, bytes);
  return { content, entry: { ...entry, valid: false, refused_by: layer } };
}
