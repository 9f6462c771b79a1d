import type { Preset } from "../../domain/source.ts";
import { choiceOf, settingOf } from "../settings.ts";

/** Any sender that signs its body with an HMAC: what is fixed elsewhere is a setting here. */
export const generic: Preset = {
  name: "generic",
  title: "Any sender with an HMAC signature",
  settings: {
    header: { kind: "header", default: "x-hookline-signature", about: "The signature's header." },
    hash: { kind: "choice", default: "sha256", choices: ["sha1", "sha256", "sha512"], about: "The HMAC's hash." },
    encoding: { kind: "choice", default: "hex", choices: ["hex", "base64"], about: "How the digest is written." },
    prefix: { kind: "text", default: "", about: 'Text before the digest, such as "sha256=".' },
    dedupe_header: { kind: "header", default: "idempotency-key", about: "The header that names an event." },
    id: { kind: "path", default: "id", about: "The path of an event's id, where the header does not come." },
    type_header: { kind: "header", default: "x-event-type", about: "The header that names an event's type." },
    type: { kind: "path", default: "type", about: "The path of an event's type, where the header does not come." },
    time: { kind: "path", default: "occurred_at", about: "The path of an event's own time." },
    batch: { kind: "path", default: "", about: 'The path of an array of events; "." if the body itself may be one.' },
  },
  recipe: (settings) => ({
    family: "hmac",
    algorithm: choiceOf(settings, "hash", ["sha256", "sha1", "sha512"]),
    key: "utf8",
    digest: choiceOf(settings, "encoding", ["hex", "base64"]),
    template: "{body}",
    header: settingOf(settings, "header"),
    prefix: settingOf(settings, "prefix"),
  }),
  reading: (settings) => ({
    split: settingOf(settings, "batch"),
    id: [{ header: settingOf(settings, "dedupe_header") }, { path: settingOf(settings, "id") }],
    type: [{ header: settingOf(settings, "type_header") }, { path: settingOf(settings, "type") }, { path: "event" }],
    typeDefault: "event",
    time: [{ path: settingOf(settings, "time") }],
  }),
  tenant: null,
  unsignedFields: ["id", "type"],
  publicSecrets: [],
  answer: null,
  sample: {
    type: "order.issue_opened",
    body: {
      id: "evt_9f1c2a",
      type: "order.issue_opened",
      occurred_at: "2026-11-02T15:04:05Z",
      order: { id: 987, number: "#12345", total: "129.00", currency: "USD" },
      customer: { first_name: "Ada", last_name: "Nguyen", phone: "+14155550100" },
      issue: { kind: "damaged", text: "The kettle arrived with a cracked lid." },
    },
  },
};
