import type { EventChangesView } from "../../views/calls/event-changes.ts";
import { Quoted } from "../parts/bits.tsx";
import { Moment } from "../parts/moment.tsx";
import { TextDiff } from "../parts/text-diff.tsx";

/** The fields in which an event differs from the one before it about the same record. */
export function Changes({ changes: { with: other, changes, more } }: { changes: EventChangesView }) {
  if (other === null) return null;
  return (
    <section aria-labelledby="changes">
      <h2 id="changes">Changes since the previous event</h2>
      <p class="note">
        Compared with{" "}
        <a href={`/events/${other.event_id}`}>
          the event of <Moment at={other.received_at} />
        </a>{" "}
        about the same record.
      </p>
      {changes.length === 0 ? (
        <p class="note">No field differs.</p>
      ) : (
        <dl class="changed-fields text-diff">
          {changes.map(({ path, before, after }) => (
            <div>
              <dt>
                <code>
                  <Quoted text={path} />
                </code>
              </dt>
              <dd>
                <Change before={before} after={after} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {more ? <p class="note">More fields differ than are shown here.</p> : null}
    </section>
  );
}

/** Characters from which on a text is compared word by word. */
const sentenceCharactersMin = 40;

/** A value before and after. A value that was absent, or is now, has one side alone. */
function Change({ before, after }: { before: string | null; after: string | null }) {
  if (before !== null && after !== null && Math.min(before.length, after.length) >= sentenceCharactersMin)
    return <TextDiff from={before} to={after} />;
  return (
    <>
      {before === null ? null : (
        <del>
          <span class="unseen">before: </span>
          <Quoted text={before} />
        </del>
      )}
      {before === null || after === null ? null : (
        <span class="arrow" aria-hidden="true">
          →
        </span>
      )}
      {after === null ? null : (
        <ins>
          <span class="unseen">after: </span>
          <Quoted text={after} />
        </ins>
      )}
    </>
  );
}
