/**
 * The claim journal of a line, in its object's own SQLite storage.
 *
 * A claim goes `claimed` → `begun`, or `claimed` → `released`, and never back. Each move names the previous state, so
 * if an old and a new instance race, only one of them succeeds. A claim cannot begin without the disk: the storage
 * throws for an instance that has been replaced, and `begin` waits until the mark is written.
 *
 * Not guaranteed: claims older than the journal's retention ({@link ClaimJournal.begins} returns the first that it
 * has), and anything after the object's storage was itself restored to an earlier state.
 */
import type { Log } from "../../platform/log.ts";
import type { ClaimRef, Rung } from "../../ports/calling/claims.ts";
import type { ClaimJournal } from "../../ports/calling/journal.ts";
import type { DialResult } from "../../ports/calling/results.ts";

/** Retention of a claim. A backup of at most this age can be restored without calling anyone twice. */
const retentionMs = 7 * 86_400_000;
/** Highest number of claims, about 300 MB: a week of a hundred calls a minute. */
const rowsMaxOfAll = 1_000_000;
/** Retention of a claim that cannot have rung. After it, no instance that holds the claim would still begin it. */
const idleMs = 3_600_000;
/**
 * Highest number of old rows of either kind that one claim removes. The number is higher than the rows that a claim
 * adds.
 */
const prunedMax = 128;
/** Highest number of rows that {@link ClaimJournal.after} returns: one statement's parameter. */
const afterMax = 10_000;

/** The part of an object's storage that the journal uses. */
export type JournalStorage = {
  readonly sql: {
    exec(query: string, ...bindings: (string | number | null)[]): { toArray(): Record<string, unknown>[] };
  };
  /** Resolves once all earlier writes are on disk. Rejects for an instance that has been replaced. */
  sync(): Promise<void>;
};

type JournalDeps = { now: () => number; randomId: () => string; log: Log };

/**
 * @param rowsMax most claims in the journal
 * @returns the journal of the object whose storage this is
 */
export function claimJournal(storage: JournalStorage, deps: JournalDeps, rowsMax = rowsMaxOfAll): ClaimJournal {
  const ask = (query: string, ...bindings: (string | number | null)[]) =>
    storage.sql.exec(query, ...bindings).toArray();
  for (const statement of tables) ask(statement);
  ask("insert into journal (id) select ? where not exists (select 1 from journal)", deps.randomId());
  const id = String(ask("select id from journal")[0]?.id);

  return {
    id,

    async claimed(calls) {
      const now = deps.now();
      ask(
        `insert into claims (call_id, claim_seq, event_id, rule, try, claimed_at, state)
          select value ->> '$.id', value ->> '$.claimSeq', value ->> '$.eventId', value ->> '$.rule', value ->> '$.try', ?, 'claimed'
          from json_each(?) where true on conflict (call_id, claim_seq) do nothing`,
        now,
        JSON.stringify(
          calls.map(({ id, claimSeq, eventId, rule, try: nth }) => ({ id, claimSeq, eventId, rule, try: nth })),
        ),
      );
      if (calls.length > 0)
        ask(
          "insert into reach (begins) select ? where not exists (select 1 from reach)",
          Math.min(...calls.map(({ claimSeq }) => claimSeq)),
        );
      prune(now);
      const rung = ask(
        `select ${rungColumns} from json_each(?) g join claims c on c.event_id = g.value ->> '$.eventId'
            and c.rule = g.value ->> '$.rule' and c.try = g.value ->> '$.try'
          where ${mayHaveRung} and not (c.call_id = g.value ->> '$.id' and c.claim_seq = g.value ->> '$.claimSeq')
          order by c.n desc`,
        JSON.stringify(
          calls.map(({ id, claimSeq, eventId, rule, try: nth }) => ({ id, claimSeq, eventId, rule, try: nth })),
        ),
      );
      return rung.map(rungOf);
    },

    async begin({ callId, claimSeq }) {
      const begun = ask(
        "update claims set state = 'begun' where call_id = ? and claim_seq = ? and state = 'claimed' returning n",
        callId,
        claimSeq,
      );
      // The runtime's output gate would also hold the POST back. This code does not rely on it.
      await storage.sync();
      return begun.length > 0;
    },

    async answered(result) {
      try {
        const { conversationUuid = null, mihuId = null } = result.status === "placed" ? result : {};
        ask(
          `update claims set answer = ?, ended = ?, conversation_uuid = ?, mihu_id = ?
            where call_id = ? and claim_seq = ? and open = 1`,
          JSON.stringify(result),
          result.status,
          conversationUuid,
          mihuId,
          result.callId,
          result.claimSeq,
        );
      } catch (error) {
        deps.log.error("an answer was not noted", { call: result.callId, error });
      }
    },

    async recorded(claims) {
      ask(
        `update claims set open = 0, answer = null where n in (select c.n from ${given} where c.open = 1)`,
        asRefs(claims),
      );
    },

    async release(claims) {
      const released = ask(
        `insert into claims (call_id, claim_seq, event_id, rule, try, claimed_at, state)
          select value ->> '$.callId', value ->> '$.claimSeq', '', '', 0, ?, 'released' from json_each(?) where true
          on conflict (call_id, claim_seq) do update set state = 'released' where state in ('claimed', 'released')
          returning call_id, claim_seq`,
        deps.now(),
        asRefs(claims),
      );
      await storage.sync();
      return released.map(refOf);
    },

    async left() {
      const rows = ask("select call_id, claim_seq, state, answer from claims where open = 1 order by n");
      return {
        waiting: rows.filter(({ state, answer }) => state !== "begun" && answer === null).map(refOf),
        answers: rows.flatMap(({ answer }) => (typeof answer === "string" ? [answerOf(answer)] : [])),
      };
    },

    async after(claimSeq) {
      const rows = ask(
        `select ${rungColumns} from claims c where ${mayHaveRung} and c.claim_seq > ? order by c.n desc limit ${afterMax}`,
        claimSeq,
      );
      return rows.map(rungOf);
    },

    async begins() {
      const [row] = ask("select begins from reach");
      return row === undefined ? null : Number(row.begins);
    },
  };

  /**
   * Removes claims past their retention. Claims that cannot have rung are removed much sooner, which leaves no gap in
   * the answers.
   */
  function prune(now: number): void {
    ask(
      `delete from claims where n in (select n from claims where ${isIdle} order by n limit ${prunedMax}) and claimed_at < ?`,
      now - idleMs,
    );
    const forgotten = ask(
      `delete from claims where n in (select n from claims order by n limit ${prunedMax})
        and (claimed_at < ? or n <= (select max(n) from claims) - ?) returning claim_seq`,
      now - retentionMs,
      rowsMax,
    );
    if (forgotten.length > 0)
      ask(
        "update reach set begins = max(begins, ?)",
        1 + Math.max(...forgotten.map(({ claim_seq }) => Number(claim_seq))),
      );
  }
}

/** The result is in Postgres, and the call cannot have rung: it was given back or postponed. */
const isIdle = "open = 0 and (state <> 'begun' or ended not in ('placed', 'unknown'))";

/**
 * `open`: Postgres may lack the result. `answer` is stored until Postgres has it. `begins`: the first claim number from
 * which on the journal is complete.
 */
const tables = [
  "create table if not exists journal (id text not null)",
  "create table if not exists reach (begins integer not null)",
  `create table if not exists claims (
    n integer primary key, call_id text not null, claim_seq integer not null, event_id text not null, rule text not null,
    try integer not null, claimed_at integer not null, state text not null check (state in ('claimed', 'begun', 'released')),
    open integer not null default 1, answer text, ended text, conversation_uuid text, mihu_id text,
    unique (call_id, claim_seq))`,
  "create index if not exists claims_by_event on claims (event_id, rule, try)",
  "create index if not exists claims_open on claims (n) where open = 1",
  `create index if not exists claims_idle on claims (n) where ${isIdle}`,
];

/** Begun, and not known to have failed before it could ring. */
const mayHaveRung = "c.state = 'begun' and (c.ended is null or c.ended in ('placed', 'unknown'))";

const rungColumns = "c.call_id, c.claim_seq, c.event_id, c.rule, c.try, c.claimed_at, c.conversation_uuid, c.mihu_id";

const given = `json_each(?) g join claims c on c.call_id = g.value ->> '$.callId' and c.claim_seq = g.value ->> '$.claimSeq'`;

function asRefs(claims: readonly ClaimRef[]): string {
  return JSON.stringify(claims.map(({ callId, claimSeq }) => ({ callId, claimSeq })));
}

function refOf(row: Record<string, unknown>): ClaimRef {
  return { callId: String(row.call_id), claimSeq: Number(row.claim_seq) };
}

function rungOf(row: Record<string, unknown>): Rung {
  return {
    ...refOf(row),
    eventId: String(row.event_id),
    rule: String(row.rule),
    try: Number(row.try),
    claimedAt: Number(row.claimed_at),
    conversationUuid: typeof row.conversation_uuid === "string" ? row.conversation_uuid : null,
    mihuId: typeof row.mihu_id === "string" ? row.mihu_id : null,
  };
}

/** The cast holds: only `answered` writes the column. */
function answerOf(text: string): DialResult {
  return JSON.parse(text);
}
