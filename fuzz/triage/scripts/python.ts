/** The reproducer for Python 3. */

import { dataOf, USAGE } from './data.ts';
import type { Plan } from './plan.ts';

export function pythonProgram(plan: Plan): string {
  return [
    '#!/usr/bin/env python3',
    ...plan.about.map((line) => `# ${line}`),
    `# Needs Python 3.7. ${USAGE('python3', `${plan.id}.py`)}`,
    'import json, os, select, socket, struct, sys, threading, time, uuid',
    `PLAN = json.loads(r'''${dataOf(plan)}''')`,
    PROGRAM,
  ].join('\n');
}

const PROGRAM = String.raw`
def end(status, words):
    print(words)
    sys.stdout.flush()
    os._exit(status)


if len(sys.argv) < 3:
    end(2, 'usage: HOST PORT [SECONDS]')
if PLAN['check'] == 'none':
    end(2, 'cannot tell: ' + PLAN['reason'])
HOST, PORT = sys.argv[1], int(sys.argv[2])
DEADLINE = float(sys.argv[3]) if len(sys.argv) > 3 else 5.0
QUIET = 1.0   # for more after an answer; at first longer, to see whether the target closes
MOST = 16 * 1024 * 1024 + 64 * 1024  # bytes on one connection: one frame at the cap, and some more
SEND_FACTOR, LISTEN_FACTOR = 10, 2   # the sending may take this many deadlines, and what comes back after it
SETTLE = 2.5  # a process that dies may accept connections meanwhile


def frames_in(data):
    """The complete frames in the bytes, and the number of bytes after them."""
    frames, at = [], 0
    while at + 8 <= len(data):
        kind, length = struct.unpack_from('>II', data, at)
        if at + 8 + length > len(data):
            break
        frames.append((kind, data[at + 8:at + 8 + length]))
        at += 8 + length
    return frames, len(data) - at


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    sock.close()


def send(sock, data, received, until):
    """Sends while it reads: a target that answers early must not block. False if the target closed, or floods."""
    sock.setblocking(False)
    at = 0
    while at < len(data) and time.monotonic() < until:
        readable, writable, _ = select.select([sock], [sock], [], 1)
        if readable:
            chunk = sock.recv(65536)
            if not chunk:
                return False
            received += chunk
            if len(received) > MOST:
                return False
        if writable:
            at += sock.send(data[at:at + 65536])
    return True


def exchange(steps, is_due):
    """Performs the steps, waits for the reaction, and ends the connection by a reset if the target did not close it."""
    received = bytearray()
    try:
        sock = socket.create_connection((HOST, PORT), timeout=DEADLINE)
    except OSError:
        return 'refused', b''
    until = time.monotonic() + SEND_FACTOR * DEADLINE
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for step in steps:
            if 'pauseMs' in step:
                time.sleep(step['pauseMs'] / 1000)
            elif step.get('end') == 'fin':
                sock.shutdown(socket.SHUT_WR)
            elif step.get('end') == 'reset':
                reset(sock)
                return 'reset', bytes(received)
            else:
                data = bytes.fromhex(step['send'])
                size = step.get('segment') or len(data) or 1
                for at in range(0, len(data), size):
                    if not send(sock, data[at:at + size], received, until):
                        sock.close()
                        return 'flood' if len(received) > MOST else 'closed', bytes(received)
        until, after = time.monotonic() + LISTEN_FACTOR * DEADLINE, 0   # after: where the frame begins that is not complete yet
        while True:
            while after + 8 <= len(received):
                end_of_frame = after + 8 + struct.unpack_from('>I', received, after + 4)[0]
                if end_of_frame > len(received):
                    break
                after = end_of_frame
            # The rest of an answer that has begun is due as well.
            is_awaited = after < len(received) or is_due and not received
            wait = min(DEADLINE if is_awaited else QUIET, until - time.monotonic())
            readable, _, _ = select.select([sock], [], [], wait) if wait > 0 else ([], [], [])
            if not readable:
                reset(sock)
                return 'hung' if is_awaited else 'open', bytes(received)
            chunk = sock.recv(65536)
            if not chunk:
                sock.close()
                return 'closed', bytes(received)
            received += chunk
            if len(received) > MOST:
                reset(sock)
                return 'flood', bytes(received)
    except OSError:
        sock.close()
        return 'closed', bytes(received)


def read_answer(frame):
    kind, payload = frame
    try:
        value = json.loads(payload.decode('utf-8'))
    except ValueError:
        return {'legal': False}
    if not isinstance(value, dict):
        return {'legal': False}
    status = value.get('status')
    legal = (kind in (1, 2) and type(status) is int and status in (200, 400)
             and isinstance(value.get('task_id'), str) and isinstance(value.get('message'), str))
    return {'legal': legal, 'status': status, 'task_id': value.get('task_id')}


def probe():
    """The reaction to a legal SUBMIT: how the connection ended, and a status or that again."""
    fields = {'task_id': str(uuid.uuid4()), 'task_description': 'probe',
              'from_addr': '0:0000.0000.0001', 'to_addr': '0:0000.0000.0002'}
    payload = json.dumps(fields).encode()
    how, received = exchange([{'send': (struct.pack('>II', 1, len(payload)) + payload).hex()}], True)
    frames, _ = frames_in(received)
    return how, 'status %s' % ascii(read_answer(frames[0]).get('status')) if frames else how


def fault_of(connection, how, received):
    """What is wrong on a connection; None if nothing is."""
    frames, rest = frames_in(received)
    answers = [read_answer(frame) for frame in frames]
    check, submits = PLAN['check'], connection['submits']
    if check == 'reacts':
        if how == 'hung':
            return 'no reaction within %g s' % DEADLINE
    elif check == 'answers-legally':
        if how == 'flood':
            return 'more came back than one frame can hold'
        if rest > 0 or any(not one['legal'] for one in answers):
            return 'what came back is no legal SubmitResponse'
    elif check == 'accepts-legal-only':
        if answers and answers[0].get('status') == 200 and (submits == 1 or len(answers) == submits):
            return 'a SUBMIT that is not legal got 200'
    elif check == 'answers-submits-only':
        if len(answers) > submits:
            return '%d answers to %d SUBMIT frames' % (len(answers), submits)
    elif check == 'answers-own-id' and 'ids' in connection:
        sent = ''.join(step.get('send', '') for step in connection['steps'])
        for one in answers:
            own = json.dumps(str(one.get('task_id')), ensure_ascii=False)[1:-1].encode('utf-8', 'surrogatepass').hex()
            if (connection['isStrict'] or one.get('status') == 200) and own not in connection['ids'] \
                    and '22' + own + '22' not in sent:
                return 'the answer has the id of another task'
    return None


def show(data):
    return ascii(data[:300].decode('latin-1'))


before, usual = probe()
if not usual.startswith('status'):
    end(2, 'cannot tell: before the case, a legal SUBMIT is not answered (%s)' % usual)
closes = before == 'closed'
QUIET = 0.2   # from now on, and for anything where nothing is due
faults, lock = [], threading.Lock()


def run(connection):
    is_due = connection['owes'] == 'always' or connection['owes'] == 'if-closes' and closes
    how, received = exchange(connection['steps'], is_due)
    with lock:
        print('%s, %d bytes came back %s' % (how, len(received), show(received)))
        faults.append(fault_of(connection, how, received))


for _ in range(PLAN['tries']):
    threads = [threading.Thread(target=run, args=(one,)) for one in PLAN['connections']]
    for thread in threads:
        thread.start()
        if not PLAN['isAtOnce']:
            thread.join()
    for thread in threads:
        thread.join()
    for fault in faults:
        if fault is not None:
            end(1, 'the fault is there: ' + fault)
    until = time.monotonic() + (SETTLE if PLAN['check'] == 'survives' else 0)
    while True:
        _, health = probe()
        if health != usual:
            if PLAN['check'] == 'survives':
                end(1, 'the fault is there: after the case, a legal SUBMIT meets "%s", before "%s"' % (health, usual))
            end(2, 'cannot tell: after the case, a legal SUBMIT is not answered as before (%s)' % health)
        time.sleep(0.1)
        if time.monotonic() >= until:
            break
if PLAN['doubt']:
    end(2, 'cannot tell: the fault did not show, but ' + PLAN['doubt'])
end(0, 'the fault is not there')
`;
