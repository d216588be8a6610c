meta:
  id: tasksubmit
  title: What one side of a task-submission connection sends
  license: MIT
  ks-version: '0.10'
  endian: be
doc: |
  Frames of the task-submission protocol, TCP port 1003: type, length of the payload, payload. The payload is one JSON object in
  UTF-8, which a JSON parser reads: the enumeration says which message it is, and docs/protocol.md lists the fields of each.
  A parser throws for a length over the cap (F2) and for a stream that ends within a frame (F4); a type that is not in the
  enumeration stays a number (F6, F7).
doc-ref: docs/protocol.md
seq:
  - id: frames
    type: frame
    repeat: eos
types:
  frame:
    seq:
      - id: type
        type: u4
        enum: message_type
        doc: All 32 bits count (F6).
      - id: len_payload
        type: u4
        valid:
          max: 16777216
        doc: In bytes. 16 MiB is the cap, inclusive (F2); 0 is a legal length (F8).
      - id: payload
        size: len_payload
        doc: JSON in UTF-8.
enums:
  message_type:
    1:
      id: submit
      doc: A SubmitRequest, or the SubmitResponse that answers it.
    2:
      id: result
      doc: A TaskResult; a server does not take it (F7).
    3:
      id: status_update
      doc: A TaskStatusUpdate.
    4:
      id: send_results
      doc: A TaskResultMessage.
