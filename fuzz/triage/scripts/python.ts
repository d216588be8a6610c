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


def send(sock, data, received):
    """Sends while it reads: a target that answers early must not block. False if the target closed."""
    sock.setblocking(False)
    at, until = 0, time.monotonic() + 10 * DEADLINE
    while at < len(data) and time.monotonic() < until:
        readable, writable, _ = select.select([sock], [sock], [], 1)
        if readable:
            chunk = sock.recv(65536)
            if not chunk:
                return False
            received += chunk
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
                    if not send(sock, data[at:at + size], received):
                        sock.close()
                        return 'closed', bytes(received)
        while True:
            frames, rest = frames_in(bytes(received))
            is_answered = len(frames) > 0 and rest == 0
            wait = DEADLINE if is_due and not is_answered else QUIET
            readable, _, _ = select.select([sock], [], [], wait)
            if not readable:
                reset(sock)
                return 'hung' if is_due and not is_answered else 'open', bytes(received)
            chunk = sock.recv(65536)
            if not chunk:
                sock.close()
                return 'closed', bytes(received)
            received += chunk
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


def fault_of(connection, how, received, closes):
    """What is wrong on a connection; None if nothing is."""
    frames, rest = frames_in(received)
    answers = [read_answer(frame) for frame in frames]
    check, owes, submits = PLAN['check'], connection['owes'], connection['submits']
    if check == 'reacts':
        if how == 'hung' and not received and (owes == 'always' or owes == 'if-closes' and closes):
            return 'no reaction within %g s' % DEADLINE
    elif check == 'answers-legally':
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
        faults.append(fault_of(connection, how, received, closes))


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
end(0, 'the fault is not there')
`;
