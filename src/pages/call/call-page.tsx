import type { Child } from "hono/jsx";
import type { CallView } from "../../views/calls/call.ts";
import type { CallStory } from "../../views/calls/call-lookup.ts";
import { type Reader, seesAll } from "../../views/reader.ts";
import type { PageDeps } from "../deps.ts";
import { Layout } from "../frame/layout.tsx";
import { EvidenceList, Hidden, Passage, Quoted, Reason, Status, Time, Waits } from "../parts/bits.tsx";
import { durationText } from "../parts/times.ts";
import { callSentence, textsTitle } from "../parts/words.ts";
import { Timeline } from "./timeline.tsx";

type Props = { reader: Reader; story: CallStory; allowLink: PageDeps["allowLink"] };

/** One call: its status and reason, its texts, and its timeline. */
export function CallPage({ reader, story, allowLink }: Props) {
  const { call } = story;
  return (
    <Layout title={call.order_number === null ? "A call" : `Call about ${call.order_number}`} reader={reader}>
      <nav class="trail" aria-label="Back">
        <a href="/">Calls</a>
        {call.order_number === null ? null : (
          <a href={`/?order_number=${encodeURIComponent(call.order_number)}`}>
            Order <Quoted text={call.order_number} />
          </a>
        )}
      </nav>
      <header class="headline">
        <Status call={call} />
        <h1>{callSentence(call)}</h1>
        <Why call={call} />
        <Warnings call={call} />
      </header>
      <div class="columns">
        <div class="said">
          {call.erased_at !== null ? (
            <Erased at={call.erased_at} />
          ) : seesAll(reader) ? (
            <>
              <Outcome call={call} allowLink={allowLink} />
              <Texts call={call} />
            </>
          ) : (
            <Hidden what="The whole number, the texts, the summary and the recording of this call" />
          )}
        </div>
        <Facts story={story} />
        <section class="way" aria-labelledby="timeline">
          <h2 id="timeline">Timeline</h2>
          <Timeline moments={story.timeline} />
        </section>
      </div>
    </Layout>
  );
}

function Erased({ at }: { at: string }) {
  return (
    <p class="note">
      The number, the texts, the summary and the recording of this call were erased on{" "}
      <Time at={at} precision="seconds" />.
    </p>
  );
}

function Why({ call }: { call: CallView }) {
  const { reason, waits } = call;
  if (reason === null && waits === null) return null;
  return (
    <div class="why">
      {waits === null ? null : (
        <p>
          <Waits waits={waits} /> <code class="code">{waits.reason}</code>
        </p>
      )}
      {reason === null || reason === waits?.reason ? null : (
        <p>
          {waits === null ? null : "It was tried before. "}
          <Reason code={reason} /> <code class="code">{reason}</code>
        </p>
      )}
      {call.detail === null ? null : <EvidenceList data={call.detail} />}
    </div>
  );
}

/** Warnings for a person who releases the call, or did. */
function Warnings({ call: { warnings } }: { call: CallView }) {
  return (
    <>
      {warnings.map(({ reason, sentence }) => (
        <p class="note">
          <Quoted text={sentence} /> <code class="code">{reason}</code>
        </p>
      ))}
    </>
  );
}

function Outcome({ call, allowLink }: { call: CallView; allowLink: PageDeps["allowLink"] }) {
  const recordings = [call.recording_url, call.record_url].flatMap((url) => url || []);
  const recording = recordings.find(allowLink);
  const links = [
    { name: "Listen in", url: call.listen_url, href: call.listen_url },
    // The link leads through our own route, which notes the reader in the audit log.
    {
      name: "Recording",
      url: recording ?? recordings[0] ?? null,
      href: `/calls/${encodeURIComponent(call.id)}/recording`,
    },
  ].flatMap(({ name, url, href }) => (url === null || href === null ? [] : [{ name, url, href }]));
  if (call.summary === null && links.length === 0) return null;
  return (
    <section aria-labelledby="outcome">
      <h2 id="outcome">What was said</h2>
      {call.summary === null ? null : <Passage text={call.summary} />}
      {links.length === 0 ? null : (
        <ul class="links">
          {links.map(({ name, url, href }) => (
            <li>
              <Linked name={name} url={url} href={allowLink(url) ? href : null} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** A URL from Mihu. It becomes a link only if its host is allowed, else it is plain text. */
function Linked({ name, url, href }: { name: string; url: string; href: string | null }) {
  if (href !== null)
    return (
      <a href={href} rel="noreferrer noopener external">
        {name}
      </a>
    );
  return (
    <>
      {name}:{" "}
      <span class="raw">
        <Quoted text={url} />
      </span>
    </>
  );
}

function Texts({ call }: { call: CallView }) {
  const texts = [
    { name: "About the customer", text: call.about },
    { name: call.prompt_overwrite ? "Prompt, instead of the agent's own" : "Prompt", text: call.prompt },
    { name: "Greeting", text: call.greeting },
  ].flatMap(({ name, text }) => (text === null || text === "" ? [] : [{ name, text }]));
  if (texts.length === 0) return null;
  return (
    <section aria-labelledby="texts">
      <h2 id="texts">{textsTitle(call.status)}</h2>
      {texts.map(({ name, text }) => (
        <>
          <h3>{name}</h3>
          <Passage text={text} />
        </>
      ))}
    </section>
  );
}

function Facts({ story: { call, event, conversation } }: { story: CallStory }) {
  const moment = (at: string | null): Child => (at === null ? null : <Time at={at} precision="seconds" />);
  const said = (text: string | null): Child => (text === null ? null : <Quoted text={text} />);
  const code = (text: string | null): Child =>
    text === null ? null : (
      <code>
        <Quoted text={text} />
      </code>
    );
  const waits = call.status === "queued" || call.status === "held";
  const others = (conversation?.calls ?? []).filter((id) => id !== call.id);
  const facts: readonly (readonly [string, Child])[] = [
    ["Number", said(call.number)],
    ["Line", said(call.line)],
    ["Made", moment(call.created_at)],
    ["Due", waits ? moment(call.due_at) : null],
    ["Given up at", waits ? moment(call.expires_at) : null],
    ["Placed", moment(call.placed_at)],
    ["Ended", moment(call.ended_at)],
    ["Erased", moment(call.erased_at)],
    ["Length", call.duration_s === null ? null : durationText(call.duration_s)],
    ["Mihu's word", said(call.outcome_raw)],
    ["Source", said(call.source)],
    [
      "Rule",
      <>
        <Quoted text={call.rule} />, version {call.rule_version}
        {call.mode === "live" ? "" : `, ${call.mode}`}
      </>,
    ],
    ["Record", call.record === null ? null : said(`${call.record.type} ${call.record.id}`)],
    [
      "Event",
      event === null ? null : (
        <>
          <Quoted text={event.type} />, <Time at={event.received_at} precision="seconds" />
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
    ["Earlier try", call.again_of === null ? null : <CallLink id={call.again_of} />],
    ["Conversation", code(call.conversation_uuid)],
    ["Also in it", others.length === 0 ? null : others.map((id) => <CallLink id={id} />)],
    ["Mihu's id", code(call.mihu_id)],
    ["Call", code(call.id)],
  ];
  return (
    <aside class="facts" aria-label="Facts">
      <dl>
        {facts.flatMap(([name, value]) =>
          value === null
            ? []
            : [
                <div>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>,
              ],
        )}
      </dl>
    </aside>
  );
}

function CallLink({ id }: { id: string }) {
  return (
    <a class="id" href={`/calls/${encodeURIComponent(id)}`}>
      {id}
    </a>
  );
}
