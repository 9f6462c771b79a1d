import type { FindKind } from "../../domain/find.ts";
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
          ) : none || found === null ? (
            <>
              Nothing is known as “<Quoted text={sought} />”
            </>
          ) : (
            <>
              {found.matches.length} matches of “<Quoted text={sought} />”
            </>
          )}
        </h1>
        {refused === null ? null : (
          <p class="refused">
            <Sentence text={refused} />
          </p>
        )}
        {found === null || none ? null : <Matches matches={found.matches} />}
        {sought === "" ? <Kinds /> : null}
        {none && found !== null ? <Checks found={found} /> : null}
      </section>
    </Layout>
  );
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

function countText({ count, counted, more, exact }: Match): string {
  const rows = more ? `more than ${count} ${counted}` : `${count} ${count === 1 ? counted.slice(0, -1) : counted}`;
  return exact ? rows : `begins so, ${rows}`;
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
          Did its webhook arrive? <a href="/sources">Sources</a> have what came last, and the refused requests with
          their reason.
        </li>
        <li>
          Do the settings of the <a href="/sources">source</a> say in which field its order number stands?
        </li>
        {hidden ? (
          <li>
            Phone numbers were not looked up: this token lacks the scope <code>pii:read</code>.
          </li>
        ) : null}
      </ul>
    </div>
  );
}
