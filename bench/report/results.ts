import type { Burst } from "../burst.ts";
import type { CopyMeasured } from "../copy.ts";
import type { UsageMeasured } from "../cost/usage.ts";
import type { MappingCosts } from "../mapping.ts";
import type { Rings } from "../ringing.ts";
import type { Measured } from "../throughput.ts";
import type { TripsMeasured } from "../trips.ts";
import type { Start } from "../weight.ts";

/** All that a run measures. Throughputs are by the subject's name. */
export type BenchResults = {
  throughput: Record<string, Measured>;
  at16: Record<string, Measured>;
  fewBatches: Record<string, Measured>;
  copy: CopyMeasured;
  /** Events of a mean commit, by source. */
  groups: Record<string, number>;
  usage: UsageMeasured;
  mapping: MappingCosts;
  eventsEach: number;
  trips: TripsMeasured;
  rings: Rings;
  burst: Burst;
  gzipBytes: number;
  start: Start;
  floorStart: Start;
};
