import type { WholeReadiness } from "../../flows/readiness.ts";
import type { CallView } from "../../views/calls/call.ts";
import type { PageView } from "../../views/calls/call-lookup.ts";
import { type Reader, seesAll } from "../../views/reader.ts";
import type { PageDeps } from "../deps.ts";
import { Layout } from "../frame/layout.tsx";
import { Live } from "../frame/live.tsx";
import { Notices } from "../frame/notices.tsx";
import { Hidden, Sentence } from "../parts/bits.tsx";
import { useViewer } from "../viewer.ts";
import { CallsTable } from "./calls-table.tsx";
import { ExportLinks } from "./export-links.tsx";
import { type ListFilter, listPath, setFields } from "./filter.ts";
import { Filters } from "./filter-form.tsx";

type Props = {
  reader: Reader;
  readiness: WholeReadiness;
  page: PageView<CallView>;
  filter: ListFilter;
  cursor: string | null;
  mode: PageDeps["mode"];
  /** The API's words about a filter that it does not take. */
  refused: string | null;
};

/** Calls, newest first, by a filter in the address. */
export function CallsPage({ reader, readiness, page, filter, cursor, mode, refused }: Props) {
  const later = cursor !== null;
  const isFiltered = setFields(filter).length > 0;
  const title = later ? "Older calls" : isFiltered ? "Calls" : "Newest calls";
  return (
    <Layout title={later ? "Older calls" : "Calls"} reader={reader}>
      <Notices readiness={readiness} />
      <section class="list-page" aria-labelledby="newest">
        <header class="list-head">
          <h1 id="newest">{title}</h1>
          <Filters filter={filter} calls={page.data} />
          <ExportLinks filter={filter} />
          {isFiltered && page.data.length > 0 && reader.scopes.includes("calls:write") ? (
            <a class="button quiet" href={listPath(filter, {}, "/calls/decide")}>
              Decide all
            </a>
          ) : null}
        </header>
        {refused === null ? null : (
          <p class="refused" role="alert">
            <Sentence text={refused} />
          </p>
        )}
        {page.data.length === 0 ? (
          refused === null ? (
            <Empty later={later} isFiltered={isFiltered} mode={mode} />
          ) : null
        ) : (
          <Live id="calls" path={listPath(filter, later ? { cursor } : {})} label="List of calls">
            <CallsTable calls={page.data} label={title} />
            {seesAll(reader) ? null : <Hidden what="Numbers and texts" />}
          </Live>
        )}
        <Pager filter={filter} later={later} next={page.next_cursor} />
      </section>
    </Layout>
  );
}

function Empty({ later, isFiltered, mode }: { later: boolean; isFiltered: boolean; mode: PageDeps["mode"] }) {
  const mayMake = useViewer().scopes.includes("admin");
  if (later) return <p class="empty">There are no older calls.</p>;
  if (isFiltered)
    return (
      <p class="empty">
        No call matches these filters. Remove one of them, or <a href="/calls">show all calls</a>.
      </p>
    );
  return (
    <div class="empty">
      <p>There is no call yet. The first event that matches a rule makes one.</p>
      {mode === "local" ? (
        <p>
          In another terminal, <code>npm run send</code> sends a signed sample; then load this page again.
        </p>
      ) : (
        <ol>
          <li>
            {mayMake ? (
              <>
                <a href="/all-lines/new">Make a line</a>, <a href="/sources/new">set up a source</a>, and write its
                first rule.
              </>
            ) : (
              "An administrator makes a line, a source and its first rule."
            )}
          </li>
          <li>Let the CRM send its webhooks to the address that the source's page shows.</li>
          <li>A new rule is in shadow: it decides, and never rings. Its decisions appear here.</li>
        </ol>
      )}
    </div>
  );
}

function Pager({ filter, later, next }: { filter: ListFilter; later: boolean; next: string | null }) {
  if (!later && next === null) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {later ? <a href={listPath(filter)}>Newest</a> : <span />}
      {next === null ? null : (
        <a rel="next" href={listPath(filter, { cursor: next })}>
          Older
        </a>
      )}
    </nav>
  );
}
