/** What a small SUBMIT costs in the codec, beside the naive way (`JSON.stringify`, `JSON.parse`, `Buffer`) in the same run. */

import { Bench } from 'tinybench';
import {
  encodeFrame,
  FrameDecoder,
  marshalSubmitRequest,
  type SubmitRequest,
  unmarshalSubmitRequest,
} from '../reference/index.ts';
import { printTable } from './report.ts';

const REQUEST: SubmitRequest = {
  taskId: '0f8fad5b-d9cb-469f-a165-70867728950e',
  taskDescription: 'Summarise the attached paper in three sentences, for a reader who knows the field.',
  fromAddr: '0:0000.0000.0001',
  toAddr: '0:0000.0000.0002',
};

export async function benchCodec(): Promise<void> {
  const frame = Buffer.from(encodeFrame(marshalSubmitRequest(REQUEST)));
  const bench = new Bench({ time: 300 })
    .add('encode', () => encodeFrame(marshalSubmitRequest(REQUEST)))
    .add('encode, naive', () => naiveEncode(REQUEST))
    .add('decode', () => {
      const decoder = new FrameDecoder();
      decoder.push(frame);
      const decoded = decoder.next();
      return decoded && unmarshalSubmitRequest(decoded);
    })
    .add('decode, naive', () => naiveDecode(frame));
  await bench.run();
  const medians = bench.tasks.map(({ name, result }) => ({
    name,
    ns: 'latency' in result ? result.latency.p50 * 1e6 : Number.NaN,
  }));
  printTable(
    [`SUBMIT of ${frame.length} bytes`, 'median ns', 'ratio to naive'],
    medians.map(({ name, ns }, index) => [
      name,
      ns.toFixed(0),
      (ns / (medians[index | 1]?.ns ?? ns)).toFixed(2),
    ]),
  );
}

function naiveEncode(request: SubmitRequest): Buffer {
  const payload = Buffer.from(
    JSON.stringify({
      task_id: request.taskId,
      task_description: request.taskDescription,
      from_addr: request.fromAddr,
      to_addr: request.toAddr,
    }),
  );
  const header = Buffer.alloc(8);
  header.writeUInt32BE(1, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

function naiveDecode(frame: Buffer): unknown {
  return JSON.parse(frame.toString('utf8', 8, 8 + frame.readUInt32BE(4)));
}
