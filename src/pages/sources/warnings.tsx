import type { SourceView } from "../../views/sources/config.ts";
import { amount } from "../frame/notices.tsx";
import { Quoted, Sentence, Time } from "../parts/bits.tsx";
import { visible } from "../parts/visible.ts";

/** Problems of a source: why it is paused, troubles, and warnings. Each has the page that mends it, if there is one. */
export function Warnings({ source, mayAct }: { source: SourceView; mayAct: boolean }) {
  const { warnings, paused, troubles, slug } = source;
  if (warnings.length === 0 && troubles.length === 0 && paused === null) return null;
  const path = `/sources/${encodeURIComponent(slug)}`;
  // The pause has its own sentence above, with its reason.
  const others = warnings.filter((text) => paused === null || !text.startsWith("It is paused"));
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
          {paused.detail === null || !/[.!?]$/.test(paused.detail) ? "." : ""}
          {paused.events_waiting
            ? ` ${amount(paused.events_waiting)} ${paused.events_waiting === 1 ? "waits" : "wait"}.`
            : ""}
          {mayAct ? (
            <>
              {" "}
              <a href={`${path}/resume`}>Resume</a>
            </>
          ) : null}
        </p>
      )}
      {troubles.map(({ code, sentence, since }) => (
        <p>
          Since <Time at={since} />: <Sentence text={sentence} />
          {code === "source_rejecting" ? (
            <>
              {" "}
              <a href={`${path}/rejections`}>See why</a>
            </>
          ) : null}
        </p>
      ))}
      {others.map((text) => (
        <p>
          <Sentence text={text} />
          <Mend text={text} source={source} mayAct={mayAct} />
        </p>
      ))}
    </section>
  );
}

/** The page that mends a warning. The API's sentences name the command; people have a link. */
function Mend({ text, source, mayAct }: { text: string; source: SourceView; mayAct: boolean }) {
  const path = `/sources/${encodeURIComponent(source.slug)}`;
  const link = /rejections/.test(text)
    ? { href: `${path}/rejections`, name: "Refused requests" }
    : !mayAct
      ? null
      : /secret/i.test(text)
        ? { href: `${path}/secrets/new`, name: "Set a secret" }
        : source.fetching !== null && text.includes("fetch")
          ? { href: `${path}/fetch-now`, name: "Fetch now" }
          : /API|credential/.test(text)
            ? { href: `${path}/settings`, name: "Change the settings" }
            : /No event has arrived/.test(text)
              ? { href: `${path}/setup`, name: "How to set up the sender" }
              : null;
  return link === null ? null : (
    <>
      {" "}
      <a href={link.href}>{link.name}</a>
    </>
  );
}

const problemWords: Readonly<Record<string, string>> = {
  field_missing: "missing",
  field_changed: "another type",
  country_differs: "another country",
};

/** Fields that rules read and that went missing or changed. */
export function Fields({ source }: { source: SourceView }) {
  if (source.fields.length === 0) return null;
  const path = `/sources/${encodeURIComponent(source.slug)}/rules/`;
  return (
    <section aria-labelledby="fields">
      <h2 id="fields">Fields that changed</h2>
      <div class="scrolled">
        <table class="facts-table">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Now</th>
              <th scope="col">Before</th>
              <th scope="col">Read by</th>
              <th scope="col">Since</th>
            </tr>
          </thead>
          <tbody>
            {source.fields.map(({ path: field, code, from, to, rule, since }) => (
              <tr>
                <th scope="row">
                  <code>{visible(field)}</code>
                </th>
                <td>{visible(to ?? problemWords[code] ?? code)}</td>
                <td>{visible(from ?? "present")}</td>
                <td>
                  {rule === null ? (
                    "the source's settings"
                  ) : (
                    <a href={path + encodeURIComponent(rule)}>
                      <Quoted text={rule} />
                    </a>
                  )}
                </td>
                <td>
                  <Time at={since} precision="minutes" />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
