import type { FindKind } from "../../domain/find.ts";
import { foundOrdersMax } from "../../domain/limits.ts";
import type { FoundView } from "../../views/calls/find.ts";
import type { Reader } from "../../views/reader.ts";
import { Layout } from "../frame/layout.tsx";
import { Quoted, Sentence } from "../parts/bits.tsx";
import { Moment } from "../parts/moment.tsx";

/** Matches below the search box. Its page has all of them. */
const suggestionsMax = 8;

const kindWords: Readonly<Record<FindKind, string>> = {
  call: "Call",
  event: "Event",
  conversation: "Mihu's conversation",
  mihu_id: "Mihu's call id",
  order: "Order",
  record: "CRM record",
  sender_event: "Sender's event id",
  number: "Phone number",
};

type Match = FoundView["matches"][number];

/** @param refused The reason why the text cannot be looked up. */
export function FindPage(props: { reader: Reader; sought: string; found: FoundView | null; refused: string | null }) {
  const { reader, sought, found, refused } = props;
  const none = found !== null && found.matches.length === 0;
  return (
    <Layout title={sought === "" ? "Find" : `Find ${sought}`} reader={reader} sought={sought}>
      <section class="find-page" aria-labelledby="found">
        <h1 id="found">
          {sought === "" ? (
            "Find anything by its number"
          ) : (
            <>
              {titleWords(found)} “<Quoted text={sought} />”
            </>
          )}
        </h1>
        {refused === null ? null : (
          <p class="refused">
            <Sentence text={refused} />
          </p>
        )}
        {found === null || none ? null : <Matches matches={found.matches} />}
        {found !== null && isCut(found) ? (
          <p class="note">More order numbers may begin with this text. Type more of the number to find them.</p>
        ) : null}
        {sought === "" ? <Kinds /> : null}
        {none && found !== null ? <Checks found={found} /> : null}
      </section>
    </Layout>
  );
}

/** Whether more order numbers than the listed ones may begin with the text. */
function isCut({ matches }: FoundView): boolean {
  return matches.filter(({ kind }) => kind === "order").length >= foundOrdersMax;
}

/** @returns The words before the text that was looked for. */
function titleWords(found: FoundView | null): string {
  if (found === null) return "Hookline cannot look up";
  const { length } = found.matches;
  if (length === 0) return "Nothing is known as";
  if (isCut(found)) return "First matches of";
  return length === 1 ? "1 match of" : `${length} matches of`;
}

/** The list below the search box. Its links are reached by the arrow keys. */
export function Suggestions({ sought, found }: { sought: string; found: FoundView | null }) {
  if (found === null) return null;
  const { matches } = found;
  if (matches.length === 0)
    return (
      <p class="none">
        Nothing is known as “<Quoted text={sought} />
        ”.
      </p>
    );
  return (
    <>
      <Matches matches={matches.slice(0, suggestionsMax)} />
      {matches.length > suggestionsMax ? (
        <a class="all" href={`/find?q=${encodeURIComponent(sought)}`}>
          All {matches.length} matches
        </a>
      ) : null}
    </>
  );
}

function Matches({ matches }: { matches: readonly Match[] }) {
  return (
    <ul class="matches">
      {matches.map((match) => (
        <li>
          <a href={match.link}>
            <span class="kind">{kindWords[match.kind] ?? match.kind}</span>
            <span class="label">
              <Quoted text={match.label} />
            </span>
            <span class="count">{countText(match)}</span>
            {match.newest_at === null ? null : (
              <span class="newest">
                <Moment at={match.newest_at} />
              </span>
            )}
          </a>
        </li>
      ))}
    </ul>
  );
}

function countText({ count, counted, more }: Match): string {
  return more ? `more than ${count} ${counted}` : `${count} ${count === 1 ? counted.slice(0, -1) : counted}`;
}

function Kinds() {
  return (
    <p class="note">
      The search takes an order number or its beginning, a record of the CRM (<code>deal:987</code>), an id of an event
      or a call, the sender's or Mihu's id, a phone number, or the address of one of these pages.
    </p>
  );
}

function Checks({ found: { tried, not_tried } }: { found: FoundView }) {
  const hidden = not_tried.some(({ reason }) => reason === "needs_pii_read");
  return (
    <div class="next">
      <p>
        Looked for:{" "}
        {tried.map((kind) => (kindWords[kind] ?? kind).replace(/^[A-Z](?!ihu|RM)/, (c) => c.toLowerCase())).join(", ")}.
      </p>
      <ul>
        <li>Is it as the CRM shows it? For an order number only a leading # and capitals do not matter.</li>
        <li>
          Did its webhook arrive? Each <a href="/sources">source</a> lists its newest events, and the requests that it
          refused, each with its reason.
        </li>
        <li>Do the source's settings name the field of the order number?</li>
        {hidden ? (
          <li>
            Phone numbers were not looked up: this token lacks the scope <code>pii:read</code>.
          </li>
        ) : null}
      </ul>
    </div>
  );
}
