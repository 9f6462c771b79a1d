import type { Reader } from "../../views/reader.ts";
import type { SourceView } from "../../views/sources/config.ts";
import { Layout } from "../frame/layout.tsx";
import { Live } from "../frame/live.tsx";
import { Quoted, Time } from "../parts/bits.tsx";
import type { ReadonlyRejection } from "../sources/api-types.ts";
import { Rejections } from "../sources/rejections.tsx";
import { Address, Steps } from "../sources/source-page.tsx";

type Props = {
  reader: Reader;
  source: SourceView;
  rejections: readonly ReadonlyRejection[];
  /** Whether the sender's secret must be set here. */
  needsSecret: boolean;
};

/** Rejections shown while the first event is awaited. */
const rejectionsMax = 3;

/** The last step: the address, the sender's own clicks, and the first event. */
export function WaitingPage({ reader, source, rejections, needsSecret }: Props) {
  const path = `/sources/${encodeURIComponent(source.slug)}`;
  const first = source.heard?.first_at ?? null;
  const lastRule = source.rules[0];
  return (
    <Layout title={`Set up ${source.slug}`} reader={reader}>
      <nav class="trail" aria-label="Where this is">
        <a href="/sources">Sources</a>
        <a href={path}>
          <Quoted text={source.slug} />
        </a>
      </nav>
      <p class="above">Step 3 of 3</p>
      <h1>Tell the sender where to send</h1>
      <div class="setup">
        <section aria-labelledby="clicks">
          <h2 id="clicks">At the sender</h2>
          <Address url={source.setup.url} />
          <Steps steps={source.setup.steps} />
          {needsSecret ? (
            <p class="refused">
              This source has no secret yet, so it refuses every webhook.{" "}
              <a href={`${path}/secrets/new`}>Set the sender's secret</a>
            </p>
          ) : null}
        </section>
        <Live id="first-event" path={`${path}/setup`} label="The first event">
          {first === null ? (
            <div class="first waiting">
              <p>
                <span class="status busy">Waiting for the first event</span>
              </p>
              <p class="by">
                <span class="needs-script">This page changes by itself when it arrives. </span>Send a test webhook from
                the sender.
              </p>
            </div>
          ) : (
            <div class="first arrived">
              <p>
                <span class="status good">The first event has arrived</span>
              </p>
              <p class="by">
                <Time at={first} />
              </p>
              <div class="acts">
                {lastRule === undefined ? (
                  <a class="button" href={`${path}/rules/new`}>
                    Write its first rule
                  </a>
                ) : null}
                <a class="button quiet" href={`${path}/events`}>
                  See it
                </a>
              </div>
            </div>
          )}
          {rejections.length === 0 ? null : (
            <>
              <h2>Refused</h2>
              <Rejections
                rejections={rejections.slice(0, rejectionsMax)}
                path={path}
                mayAct={reader.scopes.includes("admin")}
              />
              {reader.scopes.includes("admin") ? (
                <p>
                  <a href={`${path}/secrets/new`}>Set another secret</a>
                </p>
              ) : null}
            </>
          )}
        </Live>
      </div>
    </Layout>
  );
}
