import type { Child } from "hono/jsx";
import type { CallView } from "../../views/calls/call.ts";
import type { wholeEventView } from "../../views/calls/event.ts";
import type { EventChangesView } from "../../views/calls/event-changes.ts";
import { type Reader, seesAll } from "../../views/reader.ts";
import { Trail } from "../forms/act.tsx";
import { Layout } from "../frame/layout.tsx";
import { Hidden, Quoted, Reason, Sentence, Status, Waits } from "../parts/bits.tsx";
import { EvidenceList } from "../parts/evidence.tsx";
import { FactList } from "../parts/fact-list.tsx";
import { Moment } from "../parts/moment.tsx";
import { Changes } from "./changes.tsx";
import { PayloadTree } from "./payload.tsx";
import { PayloadText } from "./payload-text.tsx";

/** `GET /v1/events/:id`. */
export type EventShown = ReturnType<typeof wholeEventView> & { readonly calls: readonly CallView[] };

type Props = {
  reader: Reader;
  event: EventShown;
  changes: EventChangesView;
  mayReplay: boolean;
  mayFetch: boolean;
  /** Names of the source's rules that the reader may edit. */
  rules: readonly string[];
};

/** One event: its result, its calls, its changes since the event before, and its payload. */
export function EventPage({ reader, event, changes, mayReplay, mayFetch, rules }: Props) {
  const path = sourcePath(event);
  return (
    <Layout title={`Event ${event.type}`} reader={reader}>
      {path === null ? (
        <Trail path="/calls" name="Calls" />
      ) : (
        <Trail path={path} name={event.source}>
          <a href={`${path}/events`}>Events</a>
        </Trail>
      )}
      <header class="headline">
        <p class="above">
          Event <Quoted text={event.type} />
        </p>
        <h1>{resultOf(event)}</h1>
        <Why event={event} />
        <Acts event={event} mayReplay={mayReplay} mayFetch={mayFetch} />
      </header>
      <div class="columns">
        <div class="said">
          {event.calls.length === 0 ? null : (
            <section aria-labelledby="calls">
              <h2 id="calls">Calls</h2>
              <EventCalls calls={event.calls} />
            </section>
          )}
          <Changes changes={changes} />
        </div>
        <Facts event={event} />
        <section class="way" aria-labelledby="payload">
          <h2 id="payload">Payload</h2>
          {event.erased_at !== null ? (
            <p class="note">
              The payload was erased on <Moment at={event.erased_at} />.
            </p>
          ) : seesAll(reader) ? (
            <>
              <UseIn event={event} rules={rules} />
              <PayloadTree event={event} form={null} />
              <PayloadText event={event} />
            </>
          ) : (
            <Hidden what="The payload and its headers" />
          )}
        </section>
      </div>
    </Layout>
  );
}

function EventCalls({ calls }: { calls: readonly CallView[] }) {
  return (
    <ul class="plain event-calls">
      {calls.map((call) => (
        <li>
          <Status call={call} />
          <span>
            <a href={`/calls/${call.id}`}>
              <Quoted text={call.rule} />
            </a>
            {call.number === null ? null : (
              <>
                {" "}
                to <Quoted text={call.number} />
              </>
            )}
          </span>
          <span class="when">
            <Moment at={call.created_at} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** @returns Address of the source's page; null for a direct call, which has no source. */
function sourcePath({ source }: EventShown): string | null {
  return source === "api" ? null : `/sources/${encodeURIComponent(source)}`;
}

/** Ways into the editors of the source's rules, with this event's payload. */
function UseIn({ event, rules }: { event: EventShown; rules: readonly string[] }) {
  const path = sourcePath(event);
  if (path === null || rules.length === 0) return null;
  return (
    <p class="note">
      Write its paths into a rule:{" "}
      {rules.map((name, index) => (
        <>
          {index === 0 ? "" : ", "}
          <a href={`${path}/rules/${encodeURIComponent(name)}/edit?event=${event.id}`}>
            <Quoted text={name} />
          </a>
        </>
      ))}
    </p>
  );
}

/** @returns The result in one sentence. */
function resultOf({ state, reason, calls, waits }: EventShown): Child {
  const made = calls.filter(({ status }) => status !== "skipped").length;
  if (made === 1) return "This event made one call.";
  if (made > 1) return `This event made ${made} calls.`;
  if (calls.length > 0) return "This event made no call.";
  if (waits !== null) return "This event waits for its decision.";
  if (state === "unplanned") return "This event is not decided yet.";
  return reason === null ? "This event made no call." : <Reason code={reason} />;
}

function Why({ event: { waits, reason, detail, calls } }: { event: EventShown }) {
  const isTold = calls.length === 0 && waits === null;
  if (waits === null && (reason === null || isTold) && detail === null) return null;
  return (
    <div class="why">
      {waits === null ? null : (
        <p>
          <Waits waits={waits} /> <code class="code">{waits.reason}</code>
        </p>
      )}
      {reason === null || isTold ? null : (
        <p>
          <Reason code={reason} /> <code class="code">{reason}</code>
        </p>
      )}
      {detail === null ? null : <EvidenceList data={detail} />}
    </div>
  );
}

function Acts({ event, mayReplay, mayFetch }: { event: EventShown; mayReplay: boolean; mayFetch: boolean }) {
  const path = sourcePath(event);
  const replays = mayReplay && path !== null && event.state !== "unplanned" && event.erased_at === null;
  const fetches = mayFetch && path !== null && (event.fetch?.next_at ?? null) !== null;
  if (!replays && !fetches) return null;
  return (
    <p class="acts">
      {replays ? (
        <a class="button quiet" href={`/events/${event.id}/replay`}>
          Replay…
        </a>
      ) : null}
      {fetches ? (
        <a class="button quiet" href={`${path}/fetch-now`}>
          Fetch its record now…
        </a>
      ) : null}
    </p>
  );
}

function Facts({ event }: { event: EventShown }) {
  const { source, order_number, record, external_id, conflict_of, conflicts, fetch, notes } = event;
  const path = sourcePath(event);
  const moment = (at: string | null): Child => (at === null ? null : <Moment at={at} />);
  const facts: readonly (readonly [name: string, value: Child])[] = [
    [
      "Sender",
      path === null ? (
        "a program or a person"
      ) : (
        <>
          <a href={path}>
            <Quoted text={source} />
          </a>
          ; verified
        </>
      ),
    ],
    [
      "Order",
      order_number === null ? null : (
        <a href={`/orders?order_number=${encodeURIComponent(order_number)}`}>
          <Quoted text={order_number} />
        </a>
      ),
    ],
    ["Record", record === null ? null : <Quoted text={`${record.type} ${record.id}`} />],
    ["Changed", moment(event.occurred_at)],
    ["Received", moment(event.received_at)],
    ["Decided", moment(event.planned_at)],
    ["Rules", path === null ? null : <Rules event={event} path={path} />],
    ["Fetches", fetch === null || fetch.tries === 0 ? null : `${fetch.tries} failed`],
    ["Next fetch", fetch === null ? null : moment(fetch.next_at)],
    ["Same id", conflict_of === null ? null : <a href={`/events/${conflict_of}`}>came first with other bytes</a>],
    ["Conflicts", conflicts === 0 ? null : `its id came ${conflicts === 1 ? "once" : `${conflicts} times`} more`],
    ["Read with", notes.length === 0 ? null : <Sentence text={notes.map(({ sentence }) => sentence).join(" ")} />],
    ["Erased", moment(event.erased_at)],
  ];
  return (
    <aside class="facts" aria-label="Facts">
      <FactList facts={facts} />
      <details class="ids">
        <summary>Ids</summary>
        <FactList facts={[["Event", codeOf(event.id)] as const, ["Sender's id", codeOf(external_id)] as const]} />
      </details>
    </aside>
  );
}

/** Versions of the rules that made the event's calls. */
function Rules({ event: { calls }, path }: { event: EventShown; path: string }) {
  const used = new Map(calls.map(({ rule, rule_version }) => [`${rule} ${rule_version}`, { rule, rule_version }]));
  if (used.size === 0) return "none made a call";
  return [...used.values()].map(({ rule, rule_version }, index) => (
    <>
      {index === 0 ? "" : ", "}
      <a href={`${path}/rules/${encodeURIComponent(rule)}`}>
        <Quoted text={rule} />
      </a>{" "}
      version {rule_version}
    </>
  ));
}

function codeOf(text: string | null): Child {
  return text === null ? null : (
    <code>
      <Quoted text={text} />
    </code>
  );
}
