import type { EventView } from "../../views/calls/event.ts";
import type { Reader } from "../../views/reader.ts";
import type { SourceView } from "../../views/sources/config.ts";
import type { SourceStory } from "../../views/sources/source-lookup.ts";
import { Layout } from "../frame/layout.tsx";
import { Live } from "../frame/live.tsx";
import { amount } from "../frame/notices.tsx";
import { Quoted, Sentence, Time } from "../parts/bits.tsx";
import { visible } from "../parts/visible.ts";
import { EventRows } from "./events-table.tsx";
import { State } from "./state.tsx";
import { Fields, Warnings } from "./warnings.tsx";

type Props = { reader: Reader; story: SourceStory };

/** One source: its state and warnings, rules, newest events and refusals, set-up and secrets. */
export function SourcePage({ reader, story }: Props) {
  const { source, rejections, events } = story;
  const isOpen = source.disconnected_at === null;
  const mayAct = reader.scopes.includes("admin") && isOpen;
  const path = `/sources/${encodeURIComponent(source.slug)}`;
  return (
    <Layout title={`Source ${source.slug}`} reader={reader}>
      <nav class="trail" aria-label="Where this is">
        <a href="/sources">Sources</a>
      </nav>
      <Live id="source-now" path={path} label="The source now">
        <div class="headline">
          <p class="above">
            <Quoted text={source.preset} />
            {source.tenant === null ? null : (
              <>
                , <Quoted text={source.tenant} />
              </>
            )}
          </p>
          <h1>
            <Quoted text={source.slug} />
          </h1>
          <p>
            <State source={source} />
          </p>
        </div>
        <Warnings source={source} mayAct={mayAct} />
        <Heard source={source} />
      </Live>
      <Acts source={source} mayAct={mayAct} path={path} isAdmin={reader.scopes.includes("admin")} />
      <Rules source={source} mayAct={mayAct} path={path} isOpen={isOpen} />
      <Fields source={source} />
      <Events events={events} path={path} />
      <Refused rejections={rejections} path={path} />
      {isOpen ? <Setup source={source} /> : null}
      <Secrets source={source} mayAct={mayAct} path={path} />
    </Layout>
  );
}

type Part = { source: SourceView; mayAct: boolean; path: string };

function Acts({ source, mayAct, path, isAdmin }: Part & { isAdmin: boolean }) {
  if (isAdmin && !mayAct)
    return (
      <div class="acts">
        <a class="button quiet" href={`${path}/settings`}>
          Open it again
        </a>
      </div>
    );
  if (!mayAct) return null;
  return (
    <div class="acts">
      <a class="button quiet" href={`${path}/${source.paused === null ? "pause" : "resume"}`}>
        {source.paused === null ? "Pause" : "Resume"}
      </a>
      <a class="button quiet" href={`${path}/settings`}>
        Settings
      </a>
      {source.fetching === null ? null : (
        <a class="button quiet" href={`${path}/fetch-now`}>
          Fetch now
        </a>
      )}
      <a class="button quiet" href={`${path}/verify`}>
        Check a request
      </a>
      <a class="button quiet" href={`${path}/disconnect`}>
        Disconnect
      </a>
    </div>
  );
}

function Setup({ source: { setup } }: { source: SourceView }) {
  return (
    <section aria-labelledby="setup">
      <h2 id="setup">What to set up at the sender</h2>
      <Address url={setup.url} />
      <Steps steps={setup.steps} />
    </section>
  );
}

/** The address that the sender needs, with a button that copies it. */
export function Address({ url }: { url: string }) {
  return (
    <p class="copied-line">
      <code class="address" id="address">
        {visible(url)}
      </code>
      <button type="button" class="quiet needs-script" data-copies="address">
        Copy
      </button>
    </p>
  );
}

/** Steps in the sender's product. */
export function Steps({ steps }: { steps: readonly string[] }) {
  if (steps.length === 0) return null;
  return (
    <ol class="steps">
      {steps.map((step) => (
        <li>
          <Sentence text={step} />
        </li>
      ))}
    </ol>
  );
}

function Heard({ source: { heard } }: { source: SourceView }) {
  if (heard?.first_at == null || heard.last_at === null) return null;
  if (heard.events === 1)
    return (
      <p class="heard">
        1 event, <Time at={heard.last_at} />.
      </p>
    );
  return (
    <p class="heard">
      {heard.more ? `More than ${amount(heard.events)}` : amount(heard.events)}, the first{" "}
      <Time at={heard.first_at} precision="minutes" />, the last <Time at={heard.last_at} />.
      {heard.busiest === null ? null : (
        <>
          {" "}
          Busiest: {amount(heard.busiest.events)} in {heard.busiest.seconds} s.
        </>
      )}
    </p>
  );
}

const modeTones = { live: "good", test: "busy", shadow: "still", off: "still" } as const;

function Rules({ source: { rules }, mayAct, path, isOpen }: Part & { isOpen: boolean }) {
  return (
    <section aria-labelledby="rules">
      <div class="title-row">
        <h2 id="rules">Rules</h2>
        {mayAct ? (
          <a class="button quiet" href={`${path}/rules/new`}>
            New rule
          </a>
        ) : null}
      </div>
      {rules.length === 0 ? (
        <p class="empty">
          {isOpen
            ? `It has no rule yet, so its events make no calls.${mayAct ? " “New rule” writes one." : ""}`
            : "A closed source has no rules."}
        </p>
      ) : null}
      <ul class="plain rows">
        {rules.map(({ name, mode, version, saved_at }) => (
          <li>
            <a href={`${path}/rules/${encodeURIComponent(name)}`}>
              <Quoted text={name} />
            </a>
            <span class={`status ${modeTones[mode]}`}>{visible(mode)}</span>
            <span class="by">
              version {version}, <Time at={saved_at ?? ""} precision="minutes" />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Names and expiry of the secrets, never their values. */
function Secrets({ source: { secrets }, mayAct, path }: Part) {
  if (secrets === undefined) return null;
  return (
    <section aria-labelledby="secrets">
      <div class="title-row">
        <h2 id="secrets">Secrets</h2>
        {mayAct ? (
          <a class="button quiet" href={`${path}/secrets/new`}>
            {secrets.length === 0 ? "Set a secret" : "Rotate"}
          </a>
        ) : null}
      </div>
      {secrets.length === 0 ? <p class="empty">It has none.</p> : null}
      <ul class="plain rows">
        {secrets.map(({ id, env, created_at, expires_at }) => (
          <li>
            <span>
              {env === null ? "A secret" : <Quoted text={env} />}
              <span class="by">
                {" "}
                since <Time at={created_at ?? ""} precision="minutes" />
                {expires_at === null ? null : (
                  <>
                    , verifies until <Time at={expires_at} precision="minutes" />
                  </>
                )}
              </span>
            </span>
            {mayAct ? (
              <a class="at-end" href={`${path}/secrets/${encodeURIComponent(id)}/remove`}>
                Remove
                <span class="unseen"> {visible(env ?? "this secret")}</span>
              </a>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Refusals shown on the source's own page. */
const refusedMax = 5;

function Refused({ rejections, path }: { rejections: SourceStory["rejections"]; path: string }) {
  if (rejections.length === 0) return null;
  return (
    <section aria-labelledby="refused">
      <div class="title-row">
        <h2 id="refused">Refused lately</h2>
        <a class="button quiet" href={`${path}/rejections`}>
          Why, and what to do
        </a>
      </div>
      <ul class="events">
        {rejections.slice(0, refusedMax).map(({ at, code, detail }) => (
          <li>
            <span class="what">
              <Quoted text={code.replaceAll("_", " ")} />
            </span>
            <span>
              <Quoted text={detail} />
            </span>
            <Time at={at ?? ""} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Events({ events, path }: { events: readonly EventView[]; path: string }) {
  if (events.length === 0) return null;
  return (
    <section aria-labelledby="events">
      <div class="title-row">
        <h2 id="events">Newest events</h2>
        <a class="button quiet" href={`${path}/events`}>
          All events
        </a>
      </div>
      <EventRows events={events} />
    </section>
  );
}
