import type { CallView } from "../../views/calls/call.ts";
import type { PageDeps } from "../deps.ts";
import { Passage, Quoted } from "../parts/bits.tsx";
import { textsTitle } from "../parts/words.ts";

/** The call's summary, and the ways to its recording, its transcript and its listening page. */
export function CallOutcome({ call, allowLink }: { call: CallView; allowLink: PageDeps["allowLink"] }) {
  const recordings = [call.recording_url, call.record_url].flatMap((url) => url || []);
  const recording = recordings.find(allowLink);
  const links = [
    // The links lead through our own routes, which note the reader in the audit log.
    {
      name: "Listen in",
      url: call.status === "placed" ? call.listen_url : null,
      href: `/calls/${encodeURIComponent(call.id)}/listen`,
    },
    {
      name: "Recording",
      url: recording ?? recordings[0] ?? null,
      href: `/calls/${encodeURIComponent(call.id)}/recording`,
    },
  ].flatMap(({ name, url, href }) => (url === null || href === null ? [] : [{ name, url, href }]));
  const ways =
    links.length === 0 && call.conversation_uuid === null ? null : (
      <p class="acts">
        {links.map(({ name, url, href }) => (
          <Linked name={name} url={url} href={allowLink(url) ? href : null} />
        ))}
        {call.conversation_uuid === null ? null : (
          <a class="button quiet" href={`/calls/${encodeURIComponent(call.id)}/transcript`}>
            Transcript
          </a>
        )}
      </p>
    );
  if (call.summary === null && links.length === 0) return ways;
  return (
    <section aria-labelledby="outcome">
      <h2 id="outcome">Summary</h2>
      {call.summary === null ? <p class="note">Mihu has given none yet.</p> : <Passage text={call.summary} />}
      {ways}
    </section>
  );
}

/** A URL from Mihu. It becomes a link only if its host is allowed, else it is plain text. */
function Linked({ name, url, href }: { name: string; url: string; href: string | null }) {
  if (href !== null)
    return (
      <a class="button quiet" href={href} rel="noreferrer noopener external">
        {name}
      </a>
    );
  return (
    <span>
      {name}:{" "}
      <span class="raw">
        <Quoted text={url} />
      </span>
    </span>
  );
}

/** The texts that Hookline gives to the agent. */
export function CallTexts({ call }: { call: CallView }) {
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
