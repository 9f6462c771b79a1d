import type { WholeReadiness } from "../../flows/readiness.ts";
import type { Reader } from "../../views/reader.ts";
import type { SourceView } from "../../views/sources/config.ts";
import { Layout } from "../frame/layout.tsx";
import { Notices } from "../frame/notices.tsx";
import { Quoted, Time } from "../parts/bits.tsx";
import { State } from "./state.tsx";

const columns = ["Source", "State", "Rules", "Last event"] as const;

type Props = { reader: Reader; readiness: WholeReadiness; sources: readonly SourceView[] };

/** Every source with its state. Closed ones are last. */
export function SourcesPage({ reader, readiness, sources }: Props) {
  const mayAdd = reader.scopes.includes("admin");
  const isClosed = ({ disconnected_at }: SourceView) => disconnected_at !== null;
  const inOrder = [...sources.filter((one) => !isClosed(one)), ...sources.filter(isClosed)];
  return (
    <Layout title="Sources" reader={reader}>
      <Notices readiness={readiness} />
      <section aria-labelledby="sources">
        <div class="title-row">
          <h1 id="sources">Sources</h1>
          {mayAdd ? (
            <a class="button" href="/sources/new">
              Set up a source
            </a>
          ) : null}
        </div>
        {sources.length === 0 ? (
          <div class="empty">
            <p>
              There is no source yet. A source is one sender of webhooks: a shop, a help desk, a CRM.{" "}
              {mayAdd ? (
                "Set one up here in a few steps."
              ) : (
                <>
                  Somebody whose token has the scope <code>admin</code> sets one up here.
                </>
              )}
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
              {inOrder.map((source) => (
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
      <td class="origin">{rulesInWords(source)}</td>
      <td class="when">{source.heard?.last_at ? <Time at={source.heard.last_at} precision="minutes" /> : "never"}</td>
    </tr>
  );
}

/** @returns "1 live, 2 in shadow". A rule in the mode `test` calls only its test number. */
function rulesInWords({ rules }: SourceView): string {
  if (rules.length === 0) return "none";
  const words = { live: "live", test: "in test", shadow: "in shadow", off: "off" } as const;
  return Object.entries(words)
    .map(([mode, word]) => [rules.filter((rule) => rule.mode === mode).length, word] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(", ");
}
