import type { Child } from "hono/jsx";
import type { CallStory } from "../../views/calls/call-lookup.ts";
import { durationText } from "../../views/times.ts";
import { Quoted } from "../parts/bits.tsx";
import { type Fact, FactList } from "../parts/fact-list.tsx";
import { Moment } from "../parts/moment.tsx";

/** The call's facts, and its ids in a disclosure. */
export function Facts({ story: { call, event, conversation } }: { story: CallStory }) {
  const moment = (at: string | null): Child => (at === null ? null : <Moment at={at} />);
  const said = (text: string | null): Child => (text === null ? null : <Quoted text={text} />);
  const code = (text: string | null): Child =>
    text === null ? null : (
      <code>
        <Quoted text={text} />
      </code>
    );
  const waits = call.status === "queued" || call.status === "held";
  const others = (conversation?.calls ?? []).filter((id) => id !== call.id);
  const facts: readonly Fact[] = [
    ["Number", said(call.number)],
    [
      "Line",
      call.line === null ? null : (
        <a href={`/lines/${encodeURIComponent(call.line)}`}>
          <Quoted text={call.line} />
        </a>
      ),
    ],
    ["Made", moment(call.created_at)],
    ["Due", waits ? moment(call.due_at) : null],
    ["Expires", waits ? moment(call.expires_at) : null],
    ["Next look-up at Mihu", moment(call.next_look_at)],
    ["Placed", moment(call.placed_at)],
    ["Ended", moment(call.ended_at)],
    ["Erased", moment(call.erased_at)],
    ["Length", call.duration_s === null ? null : durationText(call.duration_s)],
    ["Mihu reported", said(call.outcome_raw)],
    [
      "Source",
      call.source === "api" ? (
        "a program or a person"
      ) : (
        <a href={`/sources/${encodeURIComponent(call.source)}`}>
          <Quoted text={call.source} />
        </a>
      ),
    ],
    [
      "Rule",
      call.source === "api" ? null : (
        <>
          <a href={`/sources/${encodeURIComponent(call.source)}/rules/${encodeURIComponent(call.rule)}`}>
            <Quoted text={call.rule} />
          </a>
          , version {call.rule_version}
          {call.mode === "live" ? "" : `, ${call.mode}`}
        </>
      ),
    ],
    ["Record", call.record === null ? null : said(`${call.record.type} ${call.record.id}`)],
    [
      "Event",
      event === null ? null : (
        <>
          <a href={`/events/${encodeURIComponent(event.id)}`}>
            <Quoted text={event.type} />
          </a>
          , <Moment at={event.received_at} />
        </>
      ),
    ],
    [
      "Conflicts",
      event === null || event.conflicts === 0
        ? null
        : `The event's id came ${event.conflicts === 1 ? "once more" : `${event.conflicts} times more`} with other bytes; those are events of their own`,
    ],
    [
      "Read with",
      event === null || event.notes.length === 0 ? null : event.notes.map(({ sentence }) => sentence).join(" "),
    ],
    ["Try", call.try > 1 || call.again_of !== null ? String(call.try) : null],
    ["Earlier try", call.again_of === null ? null : <CallLink id={call.again_of} name={`try ${call.try - 1}`} />],
    [
      "Same conversation",
      others.length === 0
        ? null
        : others.map((id, index) => (
            <>
              {index === 0 ? "" : ", "}
              <CallLink id={id} name={others.length === 1 ? "another call" : `call ${index + 1}`} />
            </>
          )),
    ],
  ];
  const ids: readonly Fact[] = [
    ["Call", code(call.id)],
    ["Conversation", code(call.conversation_uuid)],
    ["Mihu's id", code(call.mihu_id)],
  ];
  return (
    <aside class="facts" aria-label="Facts">
      <FactList facts={facts} />
      <details class="ids">
        <summary>Ids</summary>
        <FactList facts={ids} />
      </details>
    </aside>
  );
}

function CallLink({ id, name }: { id: string; name: string }) {
  return <a href={`/calls/${encodeURIComponent(id)}`}>{name}</a>;
}
