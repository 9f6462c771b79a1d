import type { EventView } from "../../views/calls/event.ts";
import { Quoted, Reason, Sentence } from "../parts/bits.tsx";
import { Moment } from "../parts/moment.tsx";
import { visible } from "../parts/visible.ts";

/** An event's state in words, if no reason says more. */
const stateWords: Readonly<Record<string, string>> = {
  unplanned: "It is not decided yet.",
  ignored: "It makes no call.",
};

function Result({ event: { state, reason, call_counts } }: { event: EventView }) {
  if (reason !== null) return <Reason code={reason} />;
  return visible(state === "planned" ? countsOf(call_counts) : (stateWords[state] ?? state));
}

/** @returns The calls of a decided event: `2 calls, 1 skipped`. */
function countsOf({ made, skipped }: EventView["call_counts"]): string {
  const calls = made === 0 ? "No call" : made === 1 ? "1 call" : `${made} calls`;
  if (skipped === 0) return `${calls}.`;
  return `${calls}, ${skipped} skipped.`;
}

/** Events as rows, each a link to the event's page. */
export function EventRows({ events }: { events: readonly EventView[] }) {
  return (
    <table class="calls event-rows" aria-label="Events">
      <thead>
        <tr>
          <th scope="col">Event</th>
          <th scope="col">Order</th>
          <th scope="col">Result</th>
          <th scope="col">Received</th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <tr>
            <td class="order">
              <a class="row-link" href={`/events/${event.id}`}>
                <Quoted text={event.type} />
              </a>
            </td>
            <td class="state">{event.order_number === null ? "none" : <Quoted text={event.order_number} />}</td>
            <td class="origin">
              <Result event={event} />
              {event.notes.map(({ sentence }) => (
                <>
                  {" "}
                  <Sentence text={sentence} />
                </>
              ))}
            </td>
            <td class="when">
              <Moment at={event.received_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
