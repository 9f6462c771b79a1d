import type { CallStory } from "../../views/calls/call-lookup.ts";
import { Copyable } from "../parts/copyable.tsx";
import { visible } from "../parts/visible.ts";

/** The call for other tools: its receipt, the API's request, and its JSON as this reader may see it. */
export function TakeAlong({ story, service }: { story: CallStory; service: string }) {
  const { call, event, timeline } = story;
  // Recordings are opened through our own routes, which note the reader. Mihu's reports hold the same addresses.
  const { listen_url: _, record_url: __, recording_url: ___, ...left } = call;
  const curl = `curl -H "Authorization: Bearer $HOOKLINE_TOKEN" \\\n  "${service}/v1/calls/${call.id}"`;
  return (
    <section class="take-along" aria-labelledby="take-along">
      <h2 id="take-along">Receipt and API</h2>
      <p class="acts">
        <a class="button quiet" href={`/calls/${encodeURIComponent(call.id)}/receipt`}>
          Download the receipt
        </a>
        <a class="button quiet" href={`/receipts/check?call=${encodeURIComponent(call.id)}`}>
          Check it here
        </a>
      </p>
      <Copyable id="as-curl" label="Request with curl" text={curl} />
      <Copyable id="as-json" label="JSON" text={visible(JSON.stringify({ ...left, event, timeline }, null, 2))} />
    </section>
  );
}
