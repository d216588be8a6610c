/**
 * The shapes of the test vectors under fixtures/, one type a family. They are the JSON of those files, field by field;
 * the schemas in fixtures/schema/ say the same to other languages, and fixtures/README.md explains it to people.
 */

/** Names as in the tables of docs/protocol.md. */
export type MessageName =
  | 'SubmitRequest'
  | 'SubmitResponse'
  | 'TaskResult'
  | 'TaskStatusUpdate'
  | 'TaskResultMessage'
  | 'TaskFile';

/** How binding the expectation is; in lower case, as data. */
export type Level = 'must' | 'should' | 'may';

/** What every vector has. */
export interface Common {
  /** Permanent, in kebab case, beginning with the name of its file. */
  readonly id: string;
  /** One line: what the vector shows. */
  readonly note: string;
  /** Clause of docs/protocol.md. */
  readonly clause: string;
  readonly level: Level;
  /** 'observed': the deployed implementation gave it; 'derived': it follows from the protocol's text. */
  readonly source: 'observed' | 'derived';
}

/** The bytes of `hex`, `times` times. */
export interface Run {
  readonly hex: string;
  readonly times: number;
}

/** A string, many times over. */
export interface TextRun {
  readonly repeat: string;
  readonly times: number;
}

/** A field of a message: a string, a safe integer, or an object that says what a JSON reader might damage. */
export type FieldValue =
  | string
  | number
  /** An integer beyond ±(2^53 − 1), in decimal. */
  | { readonly int64: string }
  /** Bytes. */
  | Run
  | TextRun
  /** A string by its bytes, which are not valid UTF-8. */
  | { readonly utf8_hex: string }
  /** Any JSON value, as text. */
  | { readonly json: string };

/** Fields in documented order; an optional field that is empty may be left out. */
export type Value = Readonly<Record<string, FieldValue>>;

/** Either the bytes as hex, or as runs where that would be long. */
export type Payload = { readonly payload_hex: string } | { readonly payload_runs: readonly Run[] };

/** A payload is taken with this value, or refused as malformed. `payload` is for reading only. */
export type DecodeVector = Common & { readonly message: MessageName; readonly payload?: string } & Payload &
  ({ readonly valid: true; readonly value: Value } | { readonly valid: false });

/** A value and its canonical frame (M12). `payload` is for reading only. */
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

/** A stream that arrives in `segments` (default: in one) and then ends: its frames, and how it goes on behind them. */
export type FrameVector = Common & {
  readonly segments?: readonly number[];
  readonly frames: readonly ExpectedFrame[];
  /** 'unread': the vector says nothing about the bytes behind the last frame. */
  readonly ending: 'clean' | 'truncated' | 'too-large' | 'unread';
} & ({ readonly stream_hex: string } | { readonly stream_runs: readonly Run[] });

/** A task file and its exact text (M13). */
export type TaskFileVector = Common & { readonly value: Value; readonly text: string };

/** A time is read as this instant, or refused. */
export type TimeVector = Common & { readonly text: string } & (
    | { readonly valid: true; readonly unix_seconds: number; readonly nanosecond: number }
    | { readonly valid: false }
  );

/** A message is within its bounds, or `field` is over its bound. */
export type ValidationVector = Common & {
  readonly message: 'SubmitRequest' | 'TaskStatusUpdate' | 'TaskResultMessage';
  readonly value: Value;
} & ({ readonly valid: true } | { readonly valid: false; readonly field: string });

/** A file name, its extension, and whether it may be sent. */
export type ExtensionVector = Common & {
  readonly filename: string;
  readonly extension: string;
  readonly verdict: 'allowed' | 'forbidden' | 'unknown';
};

/** The three times of a task and its reward under one reading, with everything it was computed from (P7). */
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

/** Sixteen random bytes and the task id that they make (S10). */
export type TaskIdVector = Common & { readonly random_hex: string; readonly task_id: string };

/** A frame in a file of its own: a legal message, or refused by one of the layers that a receiver has. */
export type GoldenFrame = Common & {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Only of small files. */
  readonly hex?: string;
} & (
    | { readonly valid: true; readonly message: MessageName; readonly value: Value }
    | { readonly valid: false; readonly refused_by: 'frame' | 'type' | 'message' | 'validation' }
  );
