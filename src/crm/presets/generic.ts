import {
  type GenericScheme,
  genericMistakes,
  genericRecipe,
  genericSchemes,
  signsId,
  signsNothing,
} from "../preset/generic-recipe.ts";
import type { EventReading, FullSettings, Preset, Scheme, TenantReading } from "../preset/preset.ts";
import { ownKey } from "../preset/recipes.ts";
import { secretBy, secretBySetting, settingOf } from "../preset/settings.ts";

/** Any sender that signs. Properties that other presets fix are settings here. */
export const generic: Preset = {
  name: "generic",
  title: "Any sender that signs",
  settings: {
    header: { kind: "header", default: "x-hookline-signature", about: "The signature's header." },
    hash: { kind: "choice", default: "sha256", choices: ["sha1", "sha256", "sha512"], about: "The hash." },
    encoding: { kind: "choice", default: "hex", choices: ["hex", "base64"], about: "How the signature is written." },
    prefix: { kind: "text", default: "", about: 'Text before the signature, such as "sha256=".' },
    template: {
      kind: "template",
      default: "",
      about:
        "The signed text, made of {body} {timestamp} {id} {method} {url} {form} {secret}; empty: {body}, or {secret}{body}.",
    },
    signed_bytes: {
      kind: "choice",
      default: "raw",
      choices: ["raw", "inflated"],
      about:
        "Which bytes of a compressed body are signed. raw: as they are sent; inflated: before they are compressed.",
    },
    key: {
      kind: "choice",
      default: "utf8",
      choices: ["utf8", "base64", "hex", "whsec"],
      about: "How the secret of an HMAC is written; whsec: base64 after whsec_.",
    },
    public_key: {
      kind: "choice",
      default: "spki",
      choices: ["spki", "raw", "whpk"],
      about:
        "How a public key is written. spki: PEM, or its base64; raw: 32 bytes in hex or base64; whpk: base64 after whpk_.",
    },
    list_part: { kind: "text", default: "", about: "The signature's name where the header is a list, such as v1." },
    list_item: { kind: "separator", default: ",", about: "The separator of the list's items." },
    list_pair: { kind: "separator", default: "=", about: "The separator of an item's name and value." },
    timestamp: {
      kind: "choice",
      default: "none",
      choices: ["none", "header", "list", "body"],
      about: "The place of the signature's time.",
    },
    timestamp_header: { kind: "header", default: "x-hookline-timestamp", about: "The header of the time." },
    timestamp_part: { kind: "text", default: "t", about: "The name of the time in the list." },
    timestamp_path: { kind: "path", default: "timestamp", about: "The path of the time in the signed body." },
    timestamp_format: {
      kind: "choice",
      default: "s",
      choices: ["s", "ms", "s-or-ms", "iso", "http-date"],
      about: "How the time is written; s and ms since 1970.",
    },
    tolerance: { kind: "seconds", default: "300", about: "Seconds by which the time may be off, either way." },
    url: {
      kind: "url",
      default: "",
      about: "The address as registered with the sender, where it is not Hookline's own.",
    },
    jwt_header: { kind: "header", default: "authorization", about: "The token's header." },
    jwt_scheme: { kind: "text", default: "Bearer", about: "The word before the token; empty: it stands bare." },
    jwt_audience: { kind: "text", default: "", about: "The token's aud; {url}: the source's address; empty: any." },
    jwt_expiry: {
      kind: "choice",
      default: "required",
      choices: ["required", "optional"],
      about: "Whether a token without exp is refused.",
    },
    jwt_leeway: { kind: "seconds", default: "60", about: "Seconds by which a token may be over, or early." },
    jwt_body_hash: { kind: "text", default: "", about: "The claim that holds the body's SHA-256 in hex." },
    dedupe_header: { kind: "header", default: "idempotency-key", about: "The header that names an event: {id}." },
    id: { kind: "path", default: "id", about: "The path of an event's id, where the header does not come." },
    type_header: { kind: "header", default: "x-event-type", about: "The header that names an event's type." },
    type: { kind: "path", default: "type", about: "The path of an event's type, where the header does not come." },
    time: { kind: "path", default: "occurred_at", about: "The path of an event's own time." },
    batch: { kind: "path", default: "", about: 'The path of an array of events; "." if the body itself may be one.' },
    tenant_path: {
      kind: "path",
      default: "",
      about: "The path of the account in the body, to be compared with the tenant.",
    },
    [secretBySetting]: secretBy,
  },
  mistakes: genericMistakes,
  schemes: [genericScheme(genericSchemes[0]), ...genericSchemes.slice(1).map(genericScheme)],
  retries: {
    tries: "as its user has set it up",
    notNow: 503,
    ends: [],
    source: null,
  },
  steps: [
    "In the sender's settings for webhooks, add the address {url}",
    "Put its signing secret (or its public key) into the source's secrets.",
    "Read in the sender's documentation what is signed, and say it in the settings: scheme, header, prefix, hash, encoding, template, timestamp.",
    "Say where an event's id and type stand: dedupe_header or id, type_header or type; and batch, where one request carries many.",
    "Send one. If it is refused, the source's rejections say which of these is wrong.",
  ],
};

function genericScheme([name, title]: readonly [GenericScheme, string]): Scheme {
  return {
    name,
    title,
    recipe: (settings) => genericRecipe(name, settings),
    reading: genericReading,
    tenant: null,
    unsignedFields: ["id", "type"],
    bySettings: (settings) => ({
      tenant: genericTenant(settings),
      // A token without a digest covers no part of the request, so there are no signed parts that could be replayed
      // with other unsigned ones.
      unsignedFields: signsNothing(name, settings) ? [] : signsId(name, settings) ? ["type"] : ["id", "type"],
    }),
    formats: ["json", "form", "xml"],
    answer: null,
  };
}

function genericReading(settings: FullSettings): EventReading {
  return {
    split: settingOf(settings, "batch"),
    id: [{ header: settingOf(settings, "dedupe_header") }, { path: settingOf(settings, "id") }],
    type: [{ header: settingOf(settings, "type_header") }, { path: settingOf(settings, "type") }, { path: "event" }],
    key: ownKey,
    typeDefault: "event",
    time: [{ path: settingOf(settings, "time") }],
  };
}

function genericTenant(settings: FullSettings): TenantReading | null {
  const path = settingOf(settings, "tenant_path");
  return path === "" ? null : { place: { path }, mandatory: false, ignoreCase: false };
}
