/** Everything that is stored of events on the way of an inbox, as one object. */
import type { LineVersion } from "../../../src/domain/calls/line.ts";
import type { EventPlan } from "../../../src/domain/plan/plan.ts";
import type { PlannedBy, PlannedLine } from "../../../src/ports/planning/plans.ts";
import { eventStore } from "../../../src/store/events/events.ts";
import { fetchQueue } from "../../../src/store/events/fetches.ts";
import { planStore } from "../../../src/store/events/plans.ts";
import type { KeptClient } from "../../../src/store/postgres/kept-client.ts";

export type EventStores = ReturnType<typeof eventStores>;

/** @param timeoutMs the deadline of a commit */
export function eventStores(client: KeptClient, timeoutMs: number) {
  const plans = planStore(client);
  /** Plans are made by their sources and lines as they are, unless a test says otherwise. */
  const plan = async (given: EventPlan[], by?: PlannedBy) => {
    if (by !== undefined) return await plans.plan(given, by);
    const found = await client.sql()<(Omit<PlannedBy, "lines"> & { id: string })[]>`
      select e.id, s.slug, s.version::float8 as version from events e join sources s on s.slug = e.source
      where e.id in ${client.sql()(given.map(({ eventId }) => eventId))}`;
    const versions = await client.sql()<LineVersion[]>`select slug, version::float8 as version from lines`;
    const lines: PlannedLine[] = [];
    for (const { slug, version } of new Map(found.map((one) => [one.slug, one])).values()) {
      const own = new Set(found.filter((one) => one.slug === slug).map(({ id }) => id));
      const made = await plans.plan(
        given.filter(({ eventId }) => own.has(eventId)),
        { slug, version, lines: versions },
      );
      if (made !== "source_changed") lines.push(...made);
    }
    return lines;
  };
  return { ...eventStore(client, timeoutMs), ...plans, plan, ...fetchQueue(client) };
}
