import type { Reader } from "../../views/reader.ts";
import { Layout } from "../frame/layout.tsx";
import { Live } from "../frame/live.tsx";

import { SourceTrail } from "../parts/source-trail.tsx";
import type { ReadonlyRejection } from "./api-types.ts";
import { RejectionGroups, Rejections } from "./rejections.tsx";

type Props = { reader: Reader; slug: string; rejections: readonly ReadonlyRejection[] };

/** The newest refused requests of a source. */
export function RejectionsPage({ reader, slug, rejections }: Props) {
  const path = `/sources/${encodeURIComponent(slug)}`;
  const mayAct = reader.scopes.includes("admin");
  const verifying = rejections.filter((one) => one.verifies_now === true && one.kept && one.accepted_at === null);
  return (
    <Layout title={`Refused requests of ${slug}`} reader={reader}>
      <SourceTrail slug={slug} />
      <h1>Refused requests</h1>
      <p class="note">Only the newest are stored. Their senders got an error, and most of them try again.</p>
      <Live id="refusals" path={`${path}/rejections`} label="Refused requests">
        {mayAct && verifying.length > 1 ? (
          <p>
            <a class="button" href={`${path}/rejections/accept`}>
              Accept all {verifying.length} that verify now
            </a>
          </p>
        ) : null}
        {rejections.length === 0 ? (
          <p class="empty">No request of this source was refused.</p>
        ) : (
          <>
            <RejectionGroups rejections={rejections} />
            <h2>Newest</h2>
            <Rejections rejections={rejections} path={path} mayAct={mayAct} />
          </>
        )}
      </Live>
    </Layout>
  );
}
