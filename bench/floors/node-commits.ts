// Group commit of the Node peer: events that wait while a commit is in flight share the next one, as one statement.
import postgres from "postgres";

/** One prepared event. `ended`: the reason if no rule wants the event, else null. */
export type PeerEvent = {
  readonly id: string;
  readonly dedupeKey: string;
  readonly externalId: string;
  readonly type: string;
  readonly occurredAt: string | null;
  readonly orderNumber: string;
  readonly orderNumberKey: string;
  readonly recordType: string;
  readonly recordId: string;
  readonly headers: string;
  readonly body: string;
  readonly bodyHash: string;
  readonly bodyKey: string;
  readonly ended: string | null;
};
type PeerAcceptance = { readonly id: string; readonly duplicate: boolean; readonly conflict: boolean };
type Waiting = {
  readonly event: PeerEvent;
  resolve(acceptance: PeerAcceptance): void;
  reject(error: unknown): void;
};

/** Commits in flight. With one commit, groups are largest; one was faster than two and four. */
const lanes = 1;
const eventsPerCommitMax = 1_000;

export function groupedCommits(url: string, source: string): { add(event: PeerEvent): Promise<PeerAcceptance> } {
  const sql = postgres(url, { max: lanes, onnotice: () => undefined });
  const waiting: Waiting[] = [];
  let inFlight = 0;

  const next = (): void => {
    if (inFlight >= lanes || waiting.length === 0) return;
    inFlight += 1;
    const batch = waiting.splice(0, eventsPerCommitMax);
    commit(sql, source, batch)
      .catch((error: unknown) => {
        for (const { reject } of batch) reject(error);
      })
      .finally(() => {
        inFlight -= 1;
        next();
      });
  };
  return {
    add(event) {
      return new Promise((resolve, reject) => {
        waiting.push({ event, resolve, reject });
        next();
      });
    },
  };
}

async function commit(sql: postgres.Sql, source: string, batch: readonly Waiting[]): Promise<void> {
  const column = (name: keyof PeerEvent) => batch.map(({ event }) => event[name]);
  const rows = await sql<{ id: string; body_hash: string }[]>`
    insert into events (id, source, dedupe_key, external_id, type, occurred_at, order_number, order_number_key, record_type, record_id,
      headers, body, body_hash, body_key, state, reason, planned_at, nth)
    select id, ${source}, dedupe_key, external_id, type, occurred_at, order_number, order_number_key, record_type, record_id,
      headers::jsonb, body, body_hash, body_key, case when ended is null then 'unplanned' else 'ignored' end, ended,
      case when ended is not null then now() end, nth - 1
    from unnest(${column("id")}::uuid[], ${column("dedupeKey")}::text[], ${column("externalId")}::text[], ${column("type")}::text[],
      ${column("occurredAt")}::timestamptz[], ${column("orderNumber")}::text[], ${column("orderNumberKey")}::text[],
      ${column("recordType")}::text[], ${column("recordId")}::text[], ${column("headers")}::text[], ${column("body")}::text[],
      ${column("bodyHash")}::text[], ${column("bodyKey")}::uuid[], ${column("ended")}::text[]) with ordinality
      as g(id, dedupe_key, external_id, type, occurred_at, order_number, order_number_key, record_type, record_id, headers, body,
        body_hash, body_key, ended, nth)
    order by id
    on conflict do nothing
    returning id, body_hash`;
  const inserted = new Map(rows.map(({ id, body_hash }) => [id, body_hash]));
  const known: Waiting[] = [];
  for (const one of batch) {
    const { id, bodyHash } = one.event;
    if (inserted.get(id) === bodyHash && inserted.delete(id)) one.resolve({ id, duplicate: false, conflict: false });
    else known.push(one);
  }
  for (const one of known) one.resolve(await acceptKnown(sql, source, one.event));
}

/**
 * An event whose id or bytes are known: a redelivery, the same bytes under another id, or other bytes under the same
 * id.
 */
async function acceptKnown(sql: postgres.Sql, source: string, event: PeerEvent): Promise<PeerAcceptance> {
  const { id, bodyHash, bodyKey } = event;
  const found = await sql<{ id: string; body_hash: string }[]>`
    select id, body_hash from events where id = ${id} or body_key = ${bodyKey} order by id = ${id} desc`;
  const [first] = found;
  if (first !== undefined && first.body_hash === bodyHash) return { id: first.id, duplicate: true, conflict: false };
  const [stored] = await sql<{ id: string }[]>`
    with other as (
      insert into events (id, source, dedupe_key, external_id, type, headers, body, body_hash, state, reason, planned_at, conflict_of)
      values (md5(${id} || ${bodyHash})::uuid, ${source}, 'conflict:' || ${id} || ':' || ${bodyHash}, ${event.externalId}, ${event.type},
        ${event.headers}::text::jsonb, ${event.body}, ${bodyHash}, 'ignored', 'conflict', now(), ${id})
      on conflict do nothing
      returning id
    ), counted as (
      update events set conflicts = conflicts + 1, conflict_at = now() where id = ${id} and exists (select 1 from other)
    )
    select id from other`;
  return { id: stored?.id ?? id, duplicate: stored === undefined, conflict: true };
}
