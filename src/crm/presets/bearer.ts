import type { Preset, SecretLocation } from "../../domain/source.ts";
import { choiceOf, settingOf } from "../settings.ts";

/** Zapier, Make, n8n, Power Automate, curl: senders that cannot sign and present a shared secret. */
export const bearer: Preset = {
  name: "bearer",
  title: "Zapier, Make, n8n, curl (a shared secret)",
  settings: {
    location: {
      kind: "choice",
      default: "bearer",
      choices: ["bearer", "basic", "header", "path"],
      about: "Where the secret is presented; path is the last part of /in/:source/:key.",
    },
    header: { kind: "header", default: "x-api-key", about: "The secret's header, where the location is header." },
  },
  recipe: (settings) => ({ family: "secret", location: locationOf(settings) }),
  reading: () => ({
    split: "",
    id: [{ header: "idempotency-key" }, { path: "id" }],
    type: [{ header: "x-event-type" }, { path: "type" }, { path: "event" }],
    typeDefault: "event",
    time: [{ path: "occurred_at" }],
  }),
  tenant: null,
  // Nothing is signed, so no part of a request can be replayed under a signature of another.
  unsignedFields: [],
  publicSecrets: [],
  answer: null,
  sample: {
    type: "ticket.opened",
    body: {
      id: "zap_20261102_0007",
      type: "ticket.opened",
      occurred_at: "2026-11-02T15:04:05Z",
      order_number: "#12345",
      customer: { first_name: "Ada", last_name: "Nguyen", phone: "+14155550100" },
      message: "My parcel has not moved for a week.",
    },
  },
};

function locationOf(settings: Readonly<Record<string, string>>): SecretLocation {
  const location = choiceOf(settings, "location", ["bearer", "basic", "header", "path"]);
  return location === "header" ? { in: "header", name: settingOf(settings, "header") } : { in: location };
}
