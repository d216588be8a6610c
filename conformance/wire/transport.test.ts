import type net from 'node:net';
import t from 'tap';
import { repeat, text } from '../scenario/bytes.ts';
import { fin, pause, reset, send, sendInSegments } from '../scenario/steps.ts';
import { closedPort, listen } from '../testing/loopback.ts';
import type { Transcript } from './transcript.ts';
import { type Address, type ConnectionOptions, openBackground, runSteps } from './transport.ts';

const OPTIONS: ConnectionOptions = {
  connectTimeoutMs: 5000,
  firstByteTimeoutMs: 5000,
  firstByteTimeoutIs: 'deadline',
  quietMs: 1,
  deadlineMs: 5000,
  idOf: (slot) => `id-${slot}`.padEnd(36, '-'),
};
const FRAME = Buffer.from('00000001000000027b7d', 'hex');

/** The kinds of the events; consecutive `received` events count as one, because the kernel decides their number. */
function kinds(transcript: Transcript): string[] {
  return transcript
    .map(({ kind }) => kind)
    .filter((kind, at, all) => kind !== 'received' || all[at - 1] !== kind);
}

function receivedBytes(transcript: Transcript): Buffer {
  return Buffer.concat(transcript.flatMap((entry) => (entry.kind === 'received' ? [entry.bytes] : [])));
}

/** Runs the steps against a server with this connection handler. */
async function against(
  onConnection: (socket: net.Socket) => void,
  steps: Parameters<typeof runSteps>[1],
  options: Partial<ConnectionOptions> = {},
): Promise<Transcript> {
  const { address, close } = await listen(onConnection);
  try {
    return await runSteps(address, steps, { ...OPTIONS, ...options });
  } finally {
    close();
  }
}

t.test('each ending of a connection is recorded', async (t) => {
  t.test('by FIN, after an answer', async (t) => {
    const transcript = await against(
      (socket) => socket.once('data', () => socket.end(FRAME)),
      [send(text('x'))],
    );
    t.strictSame(kinds(transcript), ['connected', 'sent', 'received', 'fin']);
    t.strictSame(receivedBytes(transcript), FRAME);
  });
  t.test('by reset', async (t) => {
    const transcript = await against(
      (socket) => socket.once('data', () => socket.resetAndDestroy()),
      [send(text('x'))],
    );
    t.strictSame(kinds(transcript), ['connected', 'sent', 'reset']);
  });
  t.test('by a reset of the kit', async (t) => {
    const transcript = await against(() => {}, [send(text('x')), reset()]);
    t.strictSame(kinds(transcript), ['connected', 'sent', 'sent-reset']);
  });
  t.test('still open, when silence is accepted', async (t) => {
    const transcript = await against(() => {}, [send(text('x'))], {
      firstByteTimeoutMs: 1,
      firstByteTimeoutIs: 'quiet',
    });
    t.match(transcript.at(-1), { kind: 'quiet', ms: 1 });
  });
  t.test('still open, when an answer is expected', async (t) => {
    const transcript = await against(() => {}, [send(text('x'))], { firstByteTimeoutMs: 1 });
    t.match(transcript.at(-1), { kind: 'deadline', ms: 1 });
  });
  t.test('an answer that came while this process was paused is not silence', async (t) => {
    const transcript = await against(
      (socket) =>
        socket.once('data', () => {
          const until = performance.now() + 150;
          while (performance.now() < until);
          socket.end(FRAME);
        }),
      [send(text('x'))],
      { firstByteTimeoutMs: 100, firstByteTimeoutIs: 'quiet' },
    );
    t.strictSame(kinds(transcript), ['connected', 'sent', 'received', 'fin']);
  });
  t.test('still open, after a complete answer', async (t) => {
    const transcript = await against((socket) => socket.write(FRAME), [send(text('x'))]);
    t.match(transcript.at(-1), { kind: 'quiet' });
  });
  t.test('still open, inside an answer', async (t) => {
    const transcript = await against((socket) => socket.write(FRAME.subarray(0, 9)), [], { deadlineMs: 50 });
    t.match(transcript.at(-1), { kind: 'deadline' });
  });
  t.test('not established', async (t) => {
    const transcript = await runSteps(await closedPort(), [send(text('x'))], OPTIONS);
    t.strictSame(kinds(transcript), ['connect-failed']);
    t.match(transcript[0], { code: 'ECONNREFUSED' });
  });
  t.test('by the caller', async (t) => {
    const controller = new AbortController();
    const transcript = await against(() => controller.abort(), [send(text('x'))], {
      signal: controller.signal,
    });
    t.equal(transcript.at(-1)?.kind, 'aborted');
  });
  t.test('by the caller, before it is established', async (t) => {
    const transcript = await against(() => {}, [send(text('x'))], { signal: AbortSignal.abort() });
    t.equal(transcript.at(-1)?.kind, 'aborted');
  });
});

t.test('each step has its effect', async (t) => {
  /** Echoes the sizes of the chunks and the whole text once the peer has half-closed. */
  const reporting = (heard: { chunks: string[] }) => (socket: net.Socket) => {
    socket.on('data', (chunk) => heard.chunks.push(chunk.toString())).on('end', () => socket.end(FRAME));
  };
  t.test('a FIN ends the sending side only', async (t) => {
    const heard = { chunks: [] as string[] };
    const transcript = await against(reporting(heard), [send(text('abc')), fin()]);
    t.equal(heard.chunks.join(''), 'abc');
    t.strictSame(kinds(transcript), ['connected', 'sent', 'sent-fin', 'received', 'fin']);
  });
  t.test('segments are written one by one', async (t) => {
    const heard = { chunks: [] as string[] };
    const transcript = await against(reporting(heard), [sendInSegments(text('abcdefg'), 3), fin()]);
    t.equal(heard.chunks.join(''), 'abcdefg');
    t.match(transcript[1], { kind: 'sent', total: 7, asked: 7, segments: 3 });
  });
  t.test('a pause separates the bytes before it from those after it', async (t) => {
    const heard = { chunks: [] as string[] };
    await against(reporting(heard), [send(text('a')), pause(50), send(text('b')), fin()]);
    t.strictSame(heard.chunks, ['a', 'b']);
  });
  t.test('slots are replaced by task ids', async (t) => {
    const heard = { chunks: [] as string[] };
    await against(reporting(heard), [send({ slot: 2 }), fin()]);
    t.equal(heard.chunks.join(''), 'id-2'.padEnd(36, '-'));
  });
  t.test('no byte is sent after the target has closed', async (t) => {
    const transcript = await against((socket) => socket.end(), [pause(5000), send(text('x'))]);
    t.strictSame(kinds(transcript), ['connected', 'fin']);
  });
});

t.test('a target that does not read does not block the kit', async (t) => {
  const transcript = await against((socket) => socket.pause(), [send(repeat('x', 32 * 1024 * 1024))], {
    deadlineMs: 50,
  });
  t.match(transcript[1], { kind: 'sent', asked: 32 * 1024 * 1024 });
  t.equal(transcript.at(-1)?.kind, 'deadline');
});

t.test('a slow link is no target that does not read', async (t) => {
  const asked = 32 * 1024 * 1024;
  let [taken, sinceLast] = [0, 0];
  const slowly = (socket: net.Socket): void => {
    socket.on('data', ({ length }) => {
      taken += length;
      sinceLast += length;
      if (taken === asked) socket.end(FRAME);
      if (sinceLast < asked / 12) return;
      sinceLast = 0;
      socket.pause();
      setTimeout(() => socket.resume(), 60);
    });
  };
  const transcript = await against(slowly, [send(repeat('x', asked))], { deadlineMs: 500 });
  const [, sent] = transcript;
  t.match(sent, { kind: 'sent', asked, total: asked });
  t.ok(sent?.kind === 'sent' && sent.tookMs > 500, 'longer than the deadline');
  t.match(kinds(transcript), ['connected', 'sent', 'received']);
});

t.test('the bytes from a target are bounded', async (t) => {
  const flooding = (piece: Buffer) => (socket: net.Socket) => {
    const more = (): void => void (socket.writable && socket.write(piece, () => setImmediate(more)));
    more();
  };
  t.test('in bytes', async (t) => {
    const transcript = await against(flooding(Buffer.alloc(1 << 20, 'x')), []);
    t.equal(transcript.at(-1)?.kind, 'flood');
    t.ok(receivedBytes(transcript).length <= 17 * 1024 * 1024);
  });
  t.test('in frames', async (t) => {
    const transcript = await against(flooding(Buffer.concat(Array<Buffer>(50).fill(FRAME))), []);
    t.equal(transcript.at(-1)?.kind, 'flood');
  });
  t.test('in time', async (t) => {
    const transcript = await against(flooding(Buffer.from('x')), [], { deadlineMs: 50 });
    t.equal(transcript.at(-1)?.kind, 'deadline');
  });
});

t.test('an unreachable address is recorded with its code', async (t) => {
  const nowhere: Address = { host: 'no-such-host.invalid', port: 1 };
  const transcript = await runSteps(nowhere, [], OPTIONS);
  t.match(transcript[0], { kind: 'connect-failed', code: /^E/ });
});

t.test('background connections that are not established are counted', async (t) => {
  const server = await listen(() => {});
  t.teardown(server.close);
  for (const [address, failed] of [
    [server.address, 0],
    [await closedPort(), 3],
  ] as const) {
    const background = await openBackground(address, { count: 3, steps: [send(text('x'))] }, OPTIONS);
    t.equal(background.failed, failed);
    background.release();
  }
});
