/** Types of the simulator's memory. Times are epoch milliseconds. */

/** Faults of one `POST /call`. `before_…` and `…_before` ring nobody; all others ring. */
export const CALL_FAULTS = [
  "before_307",
  "before_401",
  "before_402",
  "before_403",
  "before_404",
  "before_409",
  "before_422",
  "before_429",
  "before_500",
  "before_503",
  "drop_before",
  "hang_before",
  "after_500",
  "after_503",
  "drop_after",
  "hang_after",
  "unreadable",
  "truncated",
  "no_uuid",
  "initiated_shape",
  "initiated_bare",
] as const;
export type CallFault = (typeof CALL_FAULTS)[number];
/** One phone that rang: the ground truth that tests count. */
export type Ring = {
  /** Time at which the phone rang. */
  at: number;
  /** Null until the call ends. */
  endedAt: number | null;
  agentId: string;
  number: string;
  about: string | null;
  /** The prompt's content. */
  prompt: string;
  overwrite: boolean | null;
  greeting: string | null;
  conversation_uuid: string;
  /** The call's own uuid, unique for each ring. */
  id: string;
  /** Sequence number of the HTTP request that caused it, counted over everything below /api/v1. */
  request: number;
  /** Null until the call ends. */
  outcome: MihuOutcome | null;
};

/** One `POST /call` that Mihu itself would have accepted, with its fault. */
export type Post = {
  /** Time at which the request arrived. */
  at: number;
  agentId: string;
  number: string;
  about: string | null;
  fault: CallFault | "none";
  /** The ring that it caused; null before the ring, and forever if it does not ring. */
  ringId: string | null;
};

/** The outcome of a call. `never` is a call that the voice API forgets: it gets no end and no webhook. */
export const OUTCOMES = ["completed", "no_answer", "busy", "failed", "canceled", "voicemail", "never"] as const;
export type MihuOutcome = (typeof OUTCOMES)[number];

export type Contact = { uuid: string; number: string; createdAt: number };

/** One call in a conversation; Mihu shows it as a session with a `call_uuid`. */
export type Session = {
  uuid: string;
  callUuid: string;
  /** Number of the call since start, for seeded draws. */
  ordinal: number;
  startedAt: number;
  endedAt: number | null;
  /** Mihu's own word for the call's state. */
  status: string;
  outcome: MihuOutcome;
  /** Null for conversations that no request of Hookline caused. */
  ring: Ring | null;
};

export type MihuConversation = {
  uuid: string;
  agentId: string;
  contact: Contact;
  createdAt: number;
  updatedAt: number;
  type: string;
  isSimulation: boolean;
  campaignUuid: string | null;
  taskUuids: string[];
  /** Oldest first, never empty. */
  sessions: Session[];
};
