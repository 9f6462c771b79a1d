import type { EventChangesView } from "../../views/calls/event-changes.ts";
import { Quoted } from "../parts/bits.tsx";
import { Moment } from "../parts/moment.tsx";
import { TextDiff } from "../parts/text-diff.tsx";

/** The fields in which an event differs from the one before it about the same record. */
export function Changes({ changes: { with: other, changes, more } }: { changes: EventChangesView }) {
  if (other === null) return null;
  return (
    <section aria-labelledby="changes">
      <h2 id="changes">Changes since the event before</h2>
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
        <dl class="fields-diff">
          {changes.map(({ path, before, after }) => (
            <div>
              <dt>
                <code>
                  <Quoted text={path} />
                </code>
              </dt>
              <dd>
                <TextDiff from={before ?? "absent"} to={after ?? "absent"} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {more ? <p class="note">More fields differ than are shown here.</p> : null}
    </section>
  );
}
