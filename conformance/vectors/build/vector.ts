/**
 * The types of the test vectors under fixtures/, one type per file. They describe the JSON of those files. The schemas
 * in fixtures/schema/ describe the same for other languages, and fixtures/README.md explains it.
 */

/** The names in the tables of docs/protocol.md. */
export type MessageName =
  | 'SubmitRequest'
  | 'SubmitResponse'
  | 'TaskResult'
  | 'TaskStatusUpdate'
  | 'TaskResultMessage'
  | 'TaskFile';

/** How binding the expectation is. */
export type Level = 'must' | 'should' | 'may';

/** The fields that every vector has. */
export interface Common {
  /** Permanent, in kebab case, and begins with the name of its file. */
  readonly id: string;
  /** One line: what the vector shows. */
  readonly note: string;
  /** Clause of docs/protocol.md. */
  readonly clause: string;
  readonly level: Level;
  /** 'observed': seen on the deployed implementation. 'derived': follows from the text of the protocol. */
  readonly source: 'observed' | 'derived';
}

/** The bytes of `hex`, repeated `times` times. */
export interface Run {
  readonly hex: string;
  readonly times: number;
}

/** The string `repeat`, repeated `times` times. */
export interface TextRun {
  readonly repeat: string;
  readonly times: number;
}

/** A field of a message: a string, a safe integer, or an object for a value that a JSON reader might change. */
export type FieldValue =
  | string
  | number
  /** An integer beyond ±(2^53 − 1), in decimal. */
  | { readonly int64: string }
  /** Bytes. */
  | Run
  | TextRun
  /** A string whose bytes are not valid UTF-8, as hex. */
  | { readonly utf8_hex: string }
  /** Any JSON value, as text. */
  | { readonly json: string };

/** Fields in the documented order. An optional field that is empty may be left out. */
export type Value = Readonly<Record<string, FieldValue>>;

/** The bytes as hex, or as runs where hex would be long. */
export type Payload = { readonly payload_hex: string } | { readonly payload_runs: readonly Run[] };

/** A payload that decodes to this value, or is refused as malformed. `payload` repeats it for people. */
export type DecodeVector = Common & { readonly message: MessageName; readonly payload?: string } & Payload &
  ({ readonly valid: true; readonly value: Value } | { readonly valid: false });

/** A value and its canonical frame (M12). `payload` repeats the payload for people. */
export type EncodeVector = Common & {
  readonly message: Exclude<MessageName, 'TaskFile'>;
  readonly value: Value;
  readonly payload?: string;
} & ({ readonly frame_hex: string } | { readonly frame_runs: readonly Run[] });

export type ExpectedFrame = {
  readonly type: number;
  readonly type_name: string;
  readonly length: number;
} & Payload;

/** A stream that arrives in `segments` (default: one segment) and then ends: its frames, and what follows them. */
export type FrameVector = Common & {
  readonly segments?: readonly number[];
  readonly frames: readonly ExpectedFrame[];
  /** 'unread': the vector expects nothing of the bytes after the last frame. */
  readonly ending: 'clean' | 'truncated' | 'too-large' | 'unread';
} & ({ readonly stream_hex: string } | { readonly stream_runs: readonly Run[] });

/** A task file and its exact text (M13). */
export type TaskFileVector = Common & { readonly value: Value; readonly text: string };

/** A time that denotes this instant, or is refused. */
export type TimeVector = Common & { readonly text: string } & (
    | { readonly valid: true; readonly unix_seconds: number; readonly nanosecond: number }
    | { readonly valid: false }
  );

/** A message within its bounds, or one whose `field` is over its bound. */
export type ValidationVector = Common & {
  readonly message: 'SubmitRequest' | 'TaskStatusUpdate' | 'TaskResultMessage';
  readonly value: Value;
} & ({ readonly valid: true } | { readonly valid: false; readonly field: string });

/** A file name, its extension, and whether the file may be sent. */
export type ExtensionVector = Common & {
  readonly filename: string;
  readonly extension: string;
  readonly verdict: 'allowed' | 'forbidden' | 'unknown';
};

/** The three times of a task, and its reward under one reading with every intermediate value (P7). */
export type PoloVector = Common & {
  readonly reading: 'documented' | 'proportional';
  readonly time_cpu_ms: number;
  readonly time_idle_ms: number;
  readonly time_staged_ms: number;
  readonly expected: {
    readonly base: number;
    readonly cpu_bonus: number;
    readonly cpu_minutes: number;
    readonly idle_factor: number;
    readonly staged_factor: number;
    readonly efficiency_multiplier: number;
    readonly raw_reward: number;
    readonly final_reward: number;
  };
};

/** Sixteen random bytes, and the task id that is made from them (S10). */
export type TaskIdVector = Common & { readonly random_hex: string; readonly task_id: string };

/** A frame in a file of its own: a legal message, or a frame that one of the layers of a receiver refuses. */
export type GoldenFrame = Common & {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Present for small files only. */
  readonly hex?: string;
} & (
    | { readonly valid: true; readonly message: MessageName; readonly value: Value }
    | { readonly valid: false; readonly refused_by: 'frame' | 'type' | 'message' | 'validation' }
  );
