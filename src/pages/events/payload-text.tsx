import { readJson } from "../../domain/json.ts";
import type { wholeEventView } from "../../views/calls/event.ts";
import { groupedNumber } from "../../views/numbers.ts";
import { visible } from "../parts/visible.ts";
import { indented } from "./indented.ts";

/** Characters of a payload on its page. */
const shownCharactersMax = 30_000;

type Stored = Pick<ReturnType<typeof wholeEventView>, "headers" | "body" | "fetched">;

/** The stored body, its headers and the fetched record, as texts. */
export function PayloadText({ event: { headers, body, fetched } }: { event: Stored }) {
  const names = Object.entries(headers);
  return (
    <>
      {body === null || body === "" ? (
        <p class="note">The body is empty.</p>
      ) : (
        <details {...(readJson(body).ok ? {} : { open: true })}>
          <summary>Body as text</summary>
          <Block label="Body" text={indented(body)} />
        </details>
      )}
      {fetched === null ? null : (
        <details>
          <summary>Fetched record</summary>
          <Block label="Fetched record" text={JSON.stringify(fetched, null, 2)} />
        </details>
      )}
      {names.length === 0 ? null : (
        <details>
          <summary>{names.length === 1 ? "1 header" : `${names.length} headers`}</summary>
          <Block label="Headers" text={names.map(([name, value]) => `${name}: ${value}`).join("\n")} />
        </details>
      )}
    </>
  );
}

function Block({ label, text }: { label: string; text: string }) {
  const cut = text.length > shownCharactersMax;
  return (
    <>
      <section class="payload-text" tabindex={0} aria-label={label}>
        <bdi>{visible(cut ? text.slice(0, shownCharactersMax) : text)}</bdi>
      </section>
      {cut ? (
        <p class="note">
          The first {groupedNumber(shownCharactersMax)} of {groupedNumber(text.length)} characters. The API's answer has
          all of them.
        </p>
      ) : null}
    </>
  );
}
