import type { Socket } from 'node:net';
import t, { type Test } from 'tap';
import { listen } from '../../conformance/testing/loopback.ts';
import { type Case, type ConnectionActions, EXACT } from '../case/case.ts';
import { frameOf, type Received, serve } from '../testing/servers.ts';
import { Evaluator, type ShownCase } from './evaluator.ts';
import { SEGMENTATIONS, type Segmentation } from './segmentation.ts';

const WAITS = { reactionMs: 3000, quietMs: 50, afterAnswerMs: 5, closes: true };
const ID = '3b9f0c52-7a1e-46d4-9c88-90f5ab27d163';
const OTHER = '8d1c2be0-55aa-4f9e-8c31-0b6de4f7a920';

const submitOf = (id: string, more = ''): ConnectionActions => [
  {
    do: 'frame',
    type: 1,
    declared: EXACT,
    payload: Buffer.from(`{"task_id":"${id}","task_description":"d","from_addr":"f","to_addr":"t"}${more}`),
  },
];
const caseOf = (...connections: ConnectionActions[]): Case => ({ arrangement: 'in-turn', connections });

function evaluatorOf(t: Test, address: Evaluator['options']['address']): Evaluator {
  const evaluator = new Evaluator({ address, behaviour: { closes: true, usualMs: 1, servesSeveral: false } });
  t.teardown(() => evaluator.release());
  return evaluator;
}

/** Answers a malformed SUBMIT with the beginning of the frame before it. */
function leaky() {
  let before = '';
  return serve(({ type, text }: Received, socket: Socket) => {
    const leaked = before;
    before = text;
    if (type !== 1 || text.endsWith('}')) return undefined;
    socket.end(frameOf(JSON.stringify({ task_id: '', status: 400, message: `near ${leaked}` })));
    return 'handled';
  });
}

t.test('keeps-apart: an answer with the id of another connection', async (t) => {
  const server = await leaky();
  t.teardown(server.close);
  const evaluator = evaluatorOf(t, server.address);
  const malformed = submitOf(ID, 'x');
  const symptoms = async (value: Case) =>
    (await evaluator.run(value, WAITS)).breaches.map((one) => one.symptom);
  t.strictSame(await symptoms(caseOf(submitOf(OTHER), malformed)), ['keeps-apart T3: 400']);
  t.strictSame(await symptoms(caseOf(submitOf(ID), malformed)), [], 'the own id');
  t.strictSame(await symptoms(caseOf(malformed, submitOf(OTHER))), [], 'nothing of a later connection');
});

t.test('keeps-apart: the marker of another case leads to a case of both', async (t) => {
  const server = await leaky();
  t.teardown(server.close);
  const evaluator = evaluatorOf(t, server.address);
  const [other, value] = [caseOf(submitOf(OTHER)), caseOf(submitOf(ID, 'x'))];
  await evaluator.run(other, WAITS);
  const { breaches, foreignMarkers } = await evaluator.run(value, WAITS);
  t.strictSame([breaches, foreignMarkers], [[], [OTHER]]);
  const leak = await evaluator.runAfterSender(OTHER, [value, other], value, WAITS);
  t.match(leak, { breaches: [{ invariant: 'keeps-apart' }], shown: { connections: { length: 2 } } });
  t.equal(
    await evaluator.runAfterSender(OTHER, [value], value, WAITS),
    undefined,
    'an id of the target itself',
  );
});

/** Whether the server serves a frame that arrives like this. */
type Fault = (chunks: number, after: number) => boolean;

const FAULTS: Readonly<Record<Segmentation, Fault>> = {
  'byte by byte': (chunks) => chunks < 40,
  'with pauses': (chunks) => chunks < 3,
  'with a next frame': (_, after) => after === 0,
};

/** Serves one frame, and closes without an answer where the fault says so. Counts the chunks, however they were sent. */
async function segmented(t: Test, fault: Fault, status: () => number = () => 200) {
  const server = await listen((socket) => {
    let bytes = Buffer.alloc(0);
    let chunks = 0;
    socket
      .on('end', () => socket.end())
      .on('data', (chunk) => {
        bytes = Buffer.concat([bytes, chunk]);
        chunks += 1;
        const end = bytes.length < 8 ? 8 : 8 + bytes.readUInt32BE(4);
        if (bytes.length < end || socket.writableEnded) return;
        const request = JSON.parse(bytes.subarray(8, end).toString());
        const answer = frameOf(
          JSON.stringify({ task_id: request.task_id, status: status(), message: 'seen' }),
        );
        socket.end(fault(chunks, bytes.length - end) ? answer : '');
      });
  });
  t.teardown(server.close);
  return evaluatorOf(t, server.address);
}

const varied = (evaluator: Evaluator, segmentation: Segmentation): Promise<ShownCase | undefined> =>
  evaluator.runVariation(caseOf(submitOf(ID)), segmentation, WAITS);

for (const segmentation of SEGMENTATIONS) {
  t.test(`reads-segments: a frame ${segmentation}`, async (t) => {
    const faulty = await segmented(t, FAULTS[segmentation]);
    const found = await varied(faulty, segmentation);
    t.match(found, { breaches: [{ invariant: 'reads-segments', clause: 'F3' }] });
    const again = await faulty.run(found?.shown ?? caseOf(), WAITS);
    t.equal(again.breaches.length, 1, 'the case shows it again');
    t.strictSame((await varied(await segmented(t, () => true), segmentation))?.breaches, []);
  });
}

t.test('reads-segments: what the target decides by turns is no breach', async (t) => {
  let count = 0;
  const evaluator = await segmented(
    t,
    () => true,
    () => (Math.floor(count++ / 2) % 2 === 0 ? 200 : 400),
  );
  t.strictSame((await varied(evaluator, 'byte by byte'))?.breaches, []);
  const cut = caseOf([...submitOf(ID), { do: 'fin' }]);
  t.equal(
    await evaluator.runVariation(cut, 'byte by byte', WAITS),
    undefined,
    'only single frames are varied',
  );
});
