import type { WholeReadiness } from "../../flows/readiness.ts";
import type { EventView } from "../../views/calls/event.ts";
import type { Reader } from "../../views/reader.ts";
import type { SourceView } from "../../views/sources/config.ts";
import type { SourceStory } from "../../views/sources/source-lookup.ts";
import { Layout } from "../frame/layout.tsx";
import { amount, Notices } from "../frame/notices.tsx";
import { Quoted, Reason, Sentence, Time } from "../parts/bits.tsx";
import { visible } from "../parts/visible.ts";

const columns = ["Source", "State", "Rules", "Last event"] as const;

/** Every source with its state. */
export function SourcesPage(props: { reader: Reader; readiness: WholeReadiness; sources: readonly SourceView[] }) {
  const { reader, readiness, sources } = props;
  return (
    <Layout title="Sources" reader={reader}>
      <Notices readiness={readiness} />
      <section aria-labelledby="sources">
        <h1 id="sources">Sources</h1>
        {sources.length === 0 ? (
          <div class="empty">
            <p>
              There is no source yet. <code>npm run hookline -- presets</code> lists the CRMs that are known; write one
              into <code>hookline.yaml</code>, and <code>npm run hookline -- apply hookline.yaml</code>.
            </p>
          </div>
        ) : (
          <table class="calls" aria-label="Sources">
            <thead>
              <tr>
                {columns.map((column) => (
                  <th scope="col">{column}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {sources.map((source) => (
                <SourceRow source={source} />
              ))}
            </tbody>
          </table>
        )}
      </section>
    </Layout>
  );
}

function SourceRow({ source }: { source: SourceView }) {
  const live = source.rules.filter(({ mode }) => mode === "live").length;
  return (
    <tr>
      <td class="order">
        <a class="row-link" href={`/sources/${encodeURIComponent(source.slug)}`}>
          <Quoted text={source.slug} />
        </a>{" "}
        <span class="rule">
          <Quoted text={source.preset} />
        </span>
      </td>
      <td class="state">
        <State source={source} />
      </td>
      <td class="origin">
        {live} of {source.rules.length} live
      </td>
      <td class="when">{source.heard?.last_at ? <Time at={source.heard.last_at} /> : "never"}</td>
    </tr>
  );
}

const troubleWords = { source_rejecting: "refuses most requests", source_silent: "silent" } as const;

/** A source's state in one word. Its problems are on its own page. */
function State({ source }: { source: SourceView }) {
  const { disconnected_at, paused, warnings, heard, troubles } = source;
  const [tone, word] =
    disconnected_at !== null
      ? ["still", "disconnected"]
      : paused !== null
        ? ["warn", "paused"]
        : troubles.length > 0
          ? ["warn", troubles.map(({ code }) => troubleWords[code]).join(", ")]
          : heard?.first_at === null
            ? ["still", "no event yet"]
            : warnings.length > 0
              ? ["warn", "see its warnings"]
              : ["good", "heard from"];
  return <span class={`status ${tone}`}>{word}</span>;
}

/** One source: its warnings, set-up, rules, and newest events and rejections. */
export function SourcePage({ reader, story }: { reader: Reader; story: SourceStory }) {
  const { source, rejections, events } = story;
  return (
    <Layout title={`Source ${source.slug}`} reader={reader}>
      <nav class="trail" aria-label="Where this is">
        <a href="/sources">Sources</a>
      </nav>
      <section class="headline" aria-labelledby="source">
        <p class="above">
          <Quoted text={source.preset} />
          {source.tenant === null ? null : (
            <>
              , <Quoted text={source.tenant} />
            </>
          )}
        </p>
        <h1 id="source">
          <Quoted text={source.slug} />
        </h1>
        <p>
          <State source={source} />
        </p>
      </section>
      <Warnings source={source} />
      <Setup source={source} />
      <Heard source={source} />
      <Rules source={source} />
      <Secrets source={source} />
      <Refused rejections={rejections} />
      <Events events={events} />
    </Layout>
  );
}

function Warnings({ source: { warnings, paused, troubles } }: { source: SourceView }) {
  if (warnings.length === 0 && troubles.length === 0 && paused === null) return null;
  return (
    <section class="notices" aria-label="Warnings">
      {paused === null ? null : (
        <p>
          Paused since <Time at={paused.since} />
          {paused.detail === null ? null : (
            <>
              : <Quoted text={paused.detail} />
            </>
          )}
          {paused.events_waiting ? `. ${amount(paused.events_waiting)} wait.` : ""}
        </p>
      )}
      {troubles.map(({ sentence, since }) => (
        <p>
          Since <Time at={since} />: <Sentence text={sentence} />
        </p>
      ))}
      {warnings.map((text) => (
        <p>
          <Sentence text={text} />
        </p>
      ))}
    </section>
  );
}

function Setup({ source: { setup } }: { source: SourceView }) {
  return (
    <section aria-labelledby="setup">
      <h2 id="setup">What to set up at the sender</h2>
      <p class="address">
        <Quoted text={setup.url} />
      </p>
      {setup.steps.length === 0 ? null : (
        <ol class="steps">
          {setup.steps.map((step) => (
            <li>
              <Sentence text={step} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function Heard({ source: { heard } }: { source: SourceView }) {
  if (heard?.first_at == null || heard.last_at === null) return null;
  return (
    <section aria-labelledby="heard">
      <h2 id="heard">Heard from</h2>
      <p>
        {heard.more ? `More than ${amount(heard.events)}` : amount(heard.events)}, the first{" "}
        <Time at={heard.first_at} />, the last <Time at={heard.last_at} />.
      </p>
    </section>
  );
}

function Rules({ source: { rules } }: { source: SourceView }) {
  return (
    <section aria-labelledby="rules">
      <h2 id="rules">Rules</h2>
      {rules.length === 0 ? <p class="empty">It has no rule yet, so its events make no calls.</p> : null}
      <ul class="plain">
        {rules.map(({ name, mode, version }) => (
          <li>
            <Quoted text={name} />{" "}
            <span class="by">
              {visible(mode)}, version {version}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Names and expiry of the secrets, never their values. */
function Secrets({ source: { secrets } }: { source: SourceView }) {
  if (secrets === undefined) return null;
  return (
    <section aria-labelledby="secrets">
      <h2 id="secrets">Secrets</h2>
      {secrets.length === 0 ? <p class="empty">It has none.</p> : null}
      <ul class="plain">
        {secrets.map(({ id, env, created_at, expires_at }) => (
          <li>
            <Quoted text={env ?? "(unnamed)"} />{" "}
            <span class="by">
              <Quoted text={id} />, since <Time at={created_at} />
              {expires_at === null ? null : (
                <>
                  , verifies until <Time at={expires_at} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Refused({ rejections }: { rejections: SourceStory["rejections"] }) {
  if (rejections.length === 0) return null;
  return (
    <section aria-labelledby="refused">
      <h2 id="refused">Refused lately</h2>
      <ul class="events">
        {rejections.map(({ at, code, detail }) => (
          <li>
            <span class="what">
              <Quoted text={code} />
            </span>
            <span class="why">
              <Quoted text={detail} />
            </span>
            <Time at={at} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** An event's state in words, if no reason says more. */
const stateWords: Readonly<Record<string, string>> = {
  unplanned: "It is not decided yet.",
  planned: "It was decided by the rules.",
};

function Events({ events }: { events: readonly EventView[] }) {
  if (events.length === 0) return null;
  return (
    <section aria-labelledby="events">
      <h2 id="events">Newest events</h2>
      <ul class="events">
        {events.map((event) => (
          <li>
            <span class="what">
              <Quoted text={event.type} />
            </span>
            <span class="why">
              {event.order_number === null ? null : (
                <>
                  <a href={`/?order_number=${encodeURIComponent(event.order_number)}`}>
                    <Quoted text={event.order_number} />
                  </a>{" "}
                </>
              )}
              {event.reason === null ? visible(stateWords[event.state] ?? event.state) : <Reason code={event.reason} />}
            </span>
            <Time at={event.received_at} />
            {event.notes.map(({ sentence }) => (
              <Sentence text={sentence} />
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
