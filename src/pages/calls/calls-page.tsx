import type { WholeReadiness } from "../../flows/readiness.ts";
import type { CallView } from "../../views/calls/call.ts";
import type { PageView } from "../../views/calls/call-lookup.ts";
import { type Reader, seesAll } from "../../views/reader.ts";
import type { PageDeps } from "../deps.ts";
import { Layout } from "../frame/layout.tsx";
import { Live } from "../frame/live.tsx";
import { Notices } from "../frame/notices.tsx";
import { Hidden } from "../parts/bits.tsx";
import { CallsTable } from "./calls-table.tsx";

type Common = { reader: Reader; readiness: WholeReadiness };

/** The newest calls, below the search. */
export function CallsPage(props: Common & { page: PageView<CallView>; cursor: string | null; mode: PageDeps["mode"] }) {
  const { reader, readiness, page, cursor, mode } = props;
  const later = cursor !== null;
  return (
    <Layout title={later ? "Older calls" : "Calls"} reader={reader}>
      <Notices readiness={readiness} />
      <section aria-labelledby="newest">
        <h1 id="newest">{later ? "Older calls" : "Newest calls"}</h1>
        {page.data.length === 0 ? (
          <Empty later={later} mode={mode} />
        ) : (
          <Live
            id="calls"
            path={cursor !== null ? `/calls?cursor=${encodeURIComponent(cursor)}` : "/calls"}
            label="Calls"
          >
            <CallsTable calls={page.data} label={later ? "Older calls" : "Newest calls"} />
            {seesAll(reader) ? null : <Hidden what="Numbers and texts" />}
          </Live>
        )}
        <Pager later={later} next={page.next_cursor} />
      </section>
    </Layout>
  );
}

function Empty({ later, mode }: { later: boolean; mode: PageDeps["mode"] }) {
  if (later) return <p class="empty">There are no older calls.</p>;
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
            Write a line, a source and a rule in <code>hookline.yaml</code>, and{" "}
            <code>npm run hookline -- apply hookline.yaml</code>.
          </li>
          <li>
            Let the CRM send its webhooks to <code>/in/</code> and the source's slug.
          </li>
          <li>
            A new rule is in <code>shadow</code>: it decides, and never rings. Its decisions appear here.
          </li>
        </ol>
      )}
    </div>
  );
}

function Pager({ later, next }: { later: boolean; next: string | null }) {
  if (!later && next === null) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {later ? <a href="/">Newest</a> : <span />}
      {next === null ? null : (
        <a rel="next" href={`/?cursor=${encodeURIComponent(next)}`}>
          Older
        </a>
      )}
    </nav>
  );
}
