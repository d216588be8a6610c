/** What makes the input of a scenario special: the part of its bytes that differs from the bytes of its control. */

import { catalogue } from '../catalogue/index.ts';
import {
  type Bytes,
  base64,
  concat,
  HEADER_BYTES,
  render,
  SEND_RESULTS,
  STATUS_UPDATE,
  SUBMIT,
  size,
  slice,
  taskId,
  text,
} from '../scenario/bytes.ts';
import { fileResult, quoted, statusUpdate, submit, textResult } from '../scenario/messages.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { readHeader } from '../wire/frames.ts';
import { difference } from './difference.ts';
import { KEPT_BYTES, type SentSpan, type Span } from './span.ts';

/** Bytes that are kept before and after a difference that comes later, and of the difference itself. */
const AROUND_BYTES = { before: 64, inside: 96, after: 64 };

/** Text of scenarios that have to be recognised by a file that they cause. */
const MARKED = concat(text('For '), taskId());

/** Legal messages of each type. The one that differs least is compared. */
const ORDINARY: Readonly<Record<number, readonly Bytes[]>> = {
  [SUBMIT]: [submit()],
  [STATUS_UPDATE]: [statusUpdate(), statusUpdate({ justification: quoted(MARKED) })],
  [SEND_RESULTS]: [
    textResult(),
    textResult({ result_text: quoted(MARKED) }),
    fileResult(),
    fileResult({ file_data: quoted(base64(concat(text('Forty-two '), taskId()))) }),
  ],
};

/** A task id for a report that shows no connection. */
export function exampleId(slot: number): string {
  return `00000000-0000-0000-0000-${String(slot).padStart(12, '0')}`;
}

/**
 * The part of all bytes sent that differs from what the control sends. A control that sends another type of message is
 * replaced by an ordinary message of the same type. Undefined if nothing differs, such as for a legal message in segments.
 */
export function sentDifference({ id, steps, control }: Scenario): SentSpan | undefined {
  // The scenarios of a run can have other addresses than the catalogue, all of the same size.
  const own = catalogue.find((scenario) => scenario.id === id)?.steps ?? steps;
  const usual = catalogue.find((scenario) => scenario.id === control)?.steps ?? [];
  const sent = bytesOf(own);
  const span = smallest(rendered(sent), rendered(bytesOf(usual)));
  return span && { ...span, ...around(sent, span) };
}

function bytesOf(steps: Scenario['steps']): Bytes {
  return concat(...steps.flatMap((step) => (step.do === 'send' ? [step.bytes] : [])));
}

function rendered(bytes: Bytes): Uint8Array {
  return render(bytes, exampleId);
}

function smallest(sent: Uint8Array, control: Uint8Array): Span | undefined {
  if (sent.length === 0) return undefined;
  const type = readHeader(sent)?.type ?? SUBMIT;
  const hasSamePayload =
    control.length >= HEADER_BYTES &&
    Buffer.compare(sent.subarray(HEADER_BYTES), control.subarray(HEADER_BYTES)) === 0;
  if (hasSamePayload) return difference(sent, control);
  const ofType = [control, ...(ORDINARY[type] ?? []).map(rendered)].filter(
    (bytes) => (readHeader(bytes)?.type ?? SUBMIT) === type,
  );
  const [first = rendered(submit()), ...others] = ofType.filter((bytes) => bytes.length > 0);
  return others.reduce(
    (best: Span | undefined, bytes) => {
      const span = difference(sent, bytes);
      return best === undefined || span === undefined || span.bytes >= best.bytes ? span && best : span;
    },
    difference(sent, first),
  );
}

/** The bytes around a span of which a record does not keep everything that is shown. */
function around(sent: Bytes, { offset, bytes }: Span): Pick<SentSpan, 'around'> {
  const { before, inside, after } = AROUND_BYTES;
  const to = Math.min(size(sent), offset + Math.min(bytes, inside) + after);
  if (to <= KEPT_BYTES) return {};
  const from = Math.max(0, offset - before);
  return { around: { offset: from, hex: Buffer.from(rendered(slice(sent, from, to))).toString('hex') } };
}
