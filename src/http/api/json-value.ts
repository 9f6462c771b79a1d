import * as z from "zod";

/** Any JSON. One schema for all fields that take it, so that the API's description names it once. */
export const jsonValue = z.json();
z.globalRegistry.add(jsonValue, { id: "JsonValue", description: "Any JSON." });
