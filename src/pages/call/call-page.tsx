import type { Child } from "hono/jsx";
import { isTerminal } from "../../domain/calls/call.ts";
import { decidable } from "../../domain/plan/decision.ts";
import type { CallView } from "../../views/calls/call.ts";
import type { CallStory } from "../../views/calls/call-lookup.ts";
import { type Reader, seesAll } from "../../views/reader.ts";
import type { PageDeps } from "../deps.ts";
import { Trail } from "../forms/act.tsx";
import { Layout } from "../frame/layout.tsx";
import { Live } from "../frame/live.tsx";
import { Hidden, Quoted, Reason, Status, Time, Waits } from "../parts/bits.tsx";
import { EvidenceList } from "../parts/evidence.tsx";
import { Moment } from "../parts/moment.tsx";
import { callSentence } from "../parts/words.ts";
import { Facts } from "./facts.tsx";
import { lacksValue, NextSteps } from "./missing-value.tsx";
import { CallOutcome, CallTexts } from "./said.tsx";
import { TakeAlong } from "./take-along.tsx";
import { Timeline } from "./timeline.tsx";

type Props = {
  reader: Reader;
  story: CallStory;
  allowLink: PageDeps["allowLink"];
  service: string;
  mayDecide: boolean;
};

/** One call: its status and reason, what a person can decide, its texts, and its timeline. */
export function CallPage({ reader, story, allowLink, service, mayDecide }: Props) {
  const { call } = story;
  const whole = (
    <>
      <header class="headline">
        <Status call={call} />
        <h1>{callSentence(call)}</h1>
        <Why call={call} />
        {lacksValue(call) ? <NextSteps call={call} scopes={reader.scopes} /> : null}
        <Warnings call={call} />
        {mayDecide ? <Decisions call={call} /> : null}
      </header>
      <div class="columns">
        <div class="said">
          {call.erased_at !== null ? (
            <Erased at={call.erased_at} />
          ) : seesAll(reader) ? (
            <>
              <CallOutcome call={call} allowLink={allowLink} />
              <CallTexts call={call} />
            </>
          ) : (
            <Hidden what="The whole number, the texts, the summary and the recording of this call" />
          )}
        </div>
        <Facts story={story} />
        <section class="way" aria-labelledby="timeline">
          <h2 id="timeline">Timeline</h2>
          <Timeline moments={story.timeline} call={call} />
          {story.told.length === 0 ? null : <Told told={story.told} mayRead={reader.scopes.includes("admin")} />}
        </section>
      </div>
    </>
  );
  return (
    <Layout title={call.order_number === null ? "A call" : `Call about ${call.order_number}`} reader={reader}>
      <Trail path="/calls" name="Calls">
        {call.order_number === null ? null : (
          <a href={`/orders?order_number=${encodeURIComponent(call.order_number)}`}>
            Order <Quoted text={call.order_number} />
          </a>
        )}
      </Trail>
      {isTerminal(call.status) ? (
        whole
      ) : (
        <Live id="call" path={`/calls/${call.id}`} label="Call">
          {whole}
        </Live>
      )}
      <TakeAlong story={story} service={service} />
    </Layout>
  );
}

/** Hooks that were told. An administrator may read each delivery. */
function Told({ told, mayRead }: { told: CallStory["told"]; mayRead: boolean }) {
  return (
    <>
      <h2>Told to hooks</h2>
      <ul class="plain">
        {told.map(({ delivery_id, at, sentence }) => (
          <li>
            <Moment at={at} />:{" "}
            {mayRead ? (
              <a href={`/hooks/deliveries/${delivery_id}`}>
                <Quoted text={sentence} />
              </a>
            ) : (
              <Quoted text={sentence} />
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

const decisions = [
  { verb: "release", name: "Release…" },
  { verb: "resolve", name: "Say whether it rang…" },
  { verb: "again", name: "Dial again…" },
  { verb: "cancel", name: "Cancel…" },
] as const;

/** Decisions about a call of this status. */
function Decisions({ call }: { call: CallView }) {
  const open = decisions.filter(({ verb }) => (decidable[verb] as readonly string[]).includes(call.status));
  if (open.length === 0) return null;
  return (
    <p class="acts">
      {open.map(
        ({ verb, name }): Child => (
          <a class="button quiet" href={`/calls/${encodeURIComponent(call.id)}/${verb}`}>
            {name}
          </a>
        ),
      )}
    </p>
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
      {call.detail === null || lacksValue(call) ? null : <EvidenceList data={call.detail} />}
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
