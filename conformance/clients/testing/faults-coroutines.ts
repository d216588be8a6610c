/** Faults of the client with asyncio. */

import type { PlantedFault } from './planted.ts';

export const faultsOfCoroutines: readonly PlantedFault[] = [
  {
    what: 'converts the status to a number',
    program: 'coroutines.py',
    edits: [['    status = answer.get("status", 0)\n', '    status = int(answer.get("status", 0))\n']],
    cause: 'the client takes for an acceptance what is none: a field of another type',
  },
  {
    what: 'gives each read a time limit of its own, longer than that for all',
    program: 'coroutines.py',
    edits: [
      [
        '    header = await reader.readexactly(8)\n',
        '    header = await asyncio.wait_for(reader.readexactly(8), LIMIT)\n',
      ],
      [
        'await reader.readexactly(length)\n',
        'await read_in_parts(reader, length)\n\n\nLIMIT = 10 * int(os.environ["CONFORM_TIMEOUT_MS"]) / 1000\n\n\nasync def read_in_parts(reader, length):\n    data = b""\n    while len(data) < length:\n        part = await asyncio.wait_for(reader.read(length - len(data)), LIMIT)\n        if not part:\n            raise EOFError()\n        data += part\n    return data\n',
      ],
      [
        'await asyncio.wait_for(exchange(action, frame, fields), timeout)',
        'await exchange(action, frame, fields)',
      ],
      ['    await writer.drain()\n', '    await asyncio.wait_for(writer.drain(), LIMIT)\n'],
    ],
    cause: 'the client does not end in time: a server that does not go on',
    shows: ['client-bad-server/drips', 'client-bad-server/never-answers'],
  },
  {
    what: 'takes every answer for an acceptance',
    program: 'coroutines.py',
    edits: [
      [
        '    if status == 200:\n        outcome = "accepted"\n    elif status == 400:\n        outcome = "rejected"\n    else:\n        raise ProtocolError(f"status {status}")\n',
        '    outcome = "accepted"\n',
      ],
    ],
    cause: 'the client takes for an acceptance what is none: a rejection',
    shows: [
      'client-reading/rejected',
      'client-reading/message',
      'client-bad-server/status-500',
      'client-bad-server/status-201',
      'client-bad-server/no-status',
    ],
  },
  {
    what: 'takes every status from 200 on for an acceptance',
    program: 'coroutines.py',
    edits: [
      [
        '    if status == 200:\n        outcome = "accepted"\n    elif status == 400:\n        outcome = "rejected"\n    else:\n        raise ProtocolError(f"status {status}")\n',
        '    outcome = "rejected" if status < 200 else "accepted"\n',
      ],
    ],
    cause: 'the client takes for an acceptance what is none: a rejection',
  },
  {
    what: 'takes every status but 200 for a rejection',
    program: 'coroutines.py',
    edits: [
      [
        '    elif status == 400:\n        outcome = "rejected"\n    else:\n        raise ProtocolError(f"status {status}")\n',
        '    else:\n        outcome = "rejected"\n',
      ],
    ],
    cause: 'the client takes another status than 200 and 400 for an answer',
  },
  {
    what: 'has no time limit',
    program: 'coroutines.py',
    edits: [
      [
        'await asyncio.wait_for(exchange(action, frame, fields), timeout)',
        'await exchange(action, frame, fields)',
      ],
    ],
    cause: 'the client does not end in time: a server that does not go on',
  },
  {
    what: 'shuts down its side, and needs the close of the server after an update or results',
    program: 'coroutines.py',
    edits: [
      [
        '    except asyncio.TimeoutError:\n        pass\n',
        '    except asyncio.TimeoutError:\n        raise\n',
      ],
    ],
    cause: 'the client reports an error for what it has sent whole',
    shows: ['client-sending/update-unanswered', 'client-sending/results-unanswered'],
  },
  {
    what: 'leaves out the address of the receiver',
    program: 'coroutines.py',
    edits: [
      [
        '        fields = {**fields, "task_id": make_id()}\n',
        '        fields = {**fields, "task_id": make_id()}\n        del fields["to_addr"]\n',
      ],
    ],
    cause: 'the field to_addr is wrong or missing',
    shows: ['client-sending/submit-*'],
  },
  {
    what: 'takes the end of the connection for an acceptance',
    program: 'coroutines.py',
    edits: [
      [
        '    except (OSError, EOFError, ValueError,',
        '    except EOFError:\n        return {"outcome": "accepted", "task_id": fields["task_id"]}\n    except (OSError, ValueError,',
      ],
    ],
    cause: 'the client takes for an acceptance what is none: a connection that ended too early',
  },
  {
    what: 'does not catch the errors of the decoder',
    program: 'coroutines.py',
    edits: [
      [
        '    except (OSError, EOFError, ValueError, RecursionError, ProtocolError, asyncio.TimeoutError)',
        '    except (OSError, EOFError, asyncio.TimeoutError)',
      ],
    ],
    cause: 'the client dies where it must report an error: an answer',
  },
  {
    what: 'escapes texts for HTML',
    program: 'coroutines.py',
    edits: [
      [
        '    payload = json.dumps(fields, ',
        '    payload = json.dumps({name: html.escape(value) if isinstance(value, str) and name != "file_data" else value for name, value in fields.items()}, ',
      ],
      ['import json\n', 'import html\nimport json\n'],
    ],
    cause: 'the client changes a text that it sends',
  },
  {
    what: 'takes the extension from the first dot',
    program: 'coroutines.py',
    edits: [['name.rpartition(".")', 'name.partition(".")']],
    cause: 'the client does not take the extension from the last dot',
  },
];
