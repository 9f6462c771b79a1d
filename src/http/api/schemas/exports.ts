/** Queries of exports: the filter of the list, and the file's format. */
import * as z from "zod";
import { exportFormats } from "../../../views/exports/export-list.ts";
import { deliveriesQuery } from "./hook.ts";
import { readingsQuery } from "./people.ts";
import { callsFilter, eventsFilter } from "./queries.ts";

const format = z.enum(exportFormats, `must be one of: ${exportFormats.join(", ")}`);

export const exportQuery = z.strictObject({ format });
export const callsExportQuery = callsFilter.extend({ format });
export const eventsExportQuery = eventsFilter.extend({ format });
export const readingsExportQuery = readingsQuery.pick({ reader: true, from: true, to: true }).extend({ format });
export const deliveriesExportQuery = deliveriesQuery.pick({ state: true }).extend({ format });
