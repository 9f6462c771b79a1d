/** A preset for the tests of the reader. It signs nothing and reads as a test configures it. */
import type { EventReading, Preset, Scheme } from "../../../src/crm/preset/preset.ts";

/** A preset with the given reading and otherwise minimal properties. */
export function reading(wanted: Partial<EventReading>, scheme: Partial<Scheme> = {}): Preset {
  return {
    name: "made-up",
    title: "Made up",
    settings: {},
    schemes: [
      {
        name: "path",
        title: "A secret in the address",
        recipe: () => ({ family: "secret", location: { in: "path" } }),
        reading: () => ({
          key: { of: "id", source: "https://example.com" },
          split: "",
          id: [{ path: "id" }],
          type: [],
          typeDefault: "event",
          time: [],
          ...wanted,
        }),
        tenant: null,
        unsignedFields: [],
        formats: ["json", "form", "xml"],
        answer: null,
        ...scheme,
      },
    ],
    retries: { tries: "never", notNow: 503, ends: [], source: null },
    steps: [],
  };
}
