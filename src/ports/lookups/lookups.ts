/** All look-ups of the API and the pages. Types only. */
import type { CallLookups } from "./calls.ts";
import type { ReadingLog, ReadingLookups } from "./entries.ts";
import type { EventLookups } from "./events.ts";
import type { FindLookups } from "./find.ts";
import type { LineLookups } from "./lines.ts";
import type { OrderLookups } from "./orders.ts";
import type { HealthLookups } from "./readiness.ts";
import type { SourceLookups } from "./sources.ts";
import type { StatisticsLookups } from "./statistics.ts";

export type LookupStore = CallLookups &
  EventLookups &
  OrderLookups &
  FindLookups &
  LineLookups &
  SourceLookups &
  HealthLookups &
  StatisticsLookups &
  ReadingLog &
  ReadingLookups;
