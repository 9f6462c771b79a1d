/** The fields of a source's form, and the API's document made of them. */
import type { SourceView } from "../../views/sources/config.ts";
import type { Field } from "../forms/fields.tsx";
import type { PresetView } from "../sources/api-types.ts";

/** Prefix of the names of a preset's settings. */
const settingPrefix = "set.";

/** A group of fields. A closed one is opened by a mistake in it, or by a value. */
export type FieldGroup = { readonly title: string | null; readonly fields: readonly Field[] };

/** @param isNew Whether the source is made: it has a name and a secret then. */
export function formGroups(preset: PresetView, isNew: boolean, nameShown: string): FieldGroup[] {
  const needsTenant = preset.tenant_mandatory;
  const hasTenant = preset.schemes.some(({ tenant }) => tenant !== "none");
  const name: Field = {
    kind: "line",
    name: "slug",
    label: "Name",
    hint: "Part of its address: lower-case letters, digits and hyphens.",
    required: true,
    charactersMax: 63,
    value: nameShown,
  };
  const tenant: Field = {
    kind: "line",
    name: "tenant",
    label: needsTenant ? "Account" : "Account, if only one may send",
    hint: "The account whose events are taken, as the sender names it. Events of any other account are refused.",
    required: needsTenant,
    charactersMax: 200,
  };
  const country: Field = {
    kind: "line",
    name: "country",
    label: "Country",
    hint: "The country of phone numbers without a calling code, by two letters: US.",
    charactersMax: 60,
    placeholder: "US",
  };
  const secret: Field = {
    kind: "secret",
    name: "secret",
    label: "Secret",
    hint: "As the sender shows it. Leave it empty if the sender shows it only after it knows the address: the next page asks for it.",
    charactersMax: 4_096,
  };
  return [
    {
      title: null,
      fields: [...(isNew ? [name] : []), ...(hasTenant ? [tenant] : []), country, ...(isNew ? [secret] : [])],
    },
    { title: "Order number and record", fields: recordFields },
    { title: `Settings of ${preset.title}`, fields: preset.settings.map(settingField) },
    { title: "Fetching records from the sender's API", fields: apiFields(isNew) },
    { title: "More", fields: moreFields },
  ];
}

const recordFields: readonly Field[] = [
  {
    kind: "line",
    name: "order_number",
    label: "Order number",
    hint: "A template of the payload: `{{ data.name }}`. Every event is found by it.",
  },
  { kind: "line", name: "record_type", label: "Type of the record", hint: "For example order, ticket or deal." },
  { kind: "line", name: "record_id", label: "Id of the record", hint: "A template: `{{ data.id }}`." },
];

const apiFields = (isNew: boolean): readonly Field[] => [
  { kind: "line", name: "api_base_url", label: "Base URL", hint: "Only if it is not the sender's usual one." },
  {
    kind: "secret",
    name: "api_credential",
    label: "Access token",
    hint: isNew ? "It is sealed before it is stored." : "An empty field keeps the stored one.",
  },
  { kind: "line", name: "fetch", label: "Records that rules fetch", hint: "Names with commas: ticket, contact." },
];

const moreFields: readonly Field[] = [
  { kind: "line", name: "zone", label: "Time zone", hint: "If the number's country is not enough: `Europe/Berlin`." },
  {
    kind: "line",
    name: "silent_after",
    label: "Silent after",
    hint: "Time without an event after which it is reported: `4h`, `2d`.",
  },
  { kind: "line", name: "shards", label: "Inboxes", hint: "1 is enough for about a hundred events a second." },
];

function settingField({ name, kind, about, default: usual, choices }: PresetView["settings"][number]): Field {
  const common = { name: settingPrefix + name, label: name.replaceAll("_", " "), hint: about };
  if (kind === "choice" && choices !== undefined)
    return { kind: "choice", ...common, value: usual, choices: choices.map((value) => ({ value, label: value })) };
  return { kind: "line", ...common, ...(usual === "" ? {} : { placeholder: usual }) };
}

/** @returns The form of a stored source. */
export function filledForm(source: SourceView): URLSearchParams {
  const form = new URLSearchParams();
  const set = (name: string, value: unknown) => {
    if (value !== null && value !== undefined) form.set(name, String(value));
  };
  set("tenant", source.tenant);
  set("country", source.country);
  set("zone", source.zone);
  set("order_number", source.order_number);
  set("record_type", source.record?.type);
  set("record_id", source.record?.id);
  set("silent_after", source.silent_after);
  set("shards", source.shards);
  set("fetch", source.fetch?.join(", "));
  set("api_base_url", (source.api as { base_url?: string } | null)?.base_url);
  for (const [name, value] of Object.entries(source.settings)) set(settingPrefix + name, value);
  return form;
}

/** @returns The API's document of a source. Fields that the form does not have stay as they are stored. */
export function documentOf(form: URLSearchParams, preset: PresetView, stored: SourceView | null) {
  const text = (name: string): string | null => {
    const value = (form.get(name) ?? "").trim();
    return value === "" ? null : value;
  };
  const settings = Object.fromEntries(
    preset.settings.flatMap(({ name, default: usual }) => {
      const value = form.get(settingPrefix + name) ?? "";
      return value === "" || value === usual ? [] : [[name, value]];
    }),
  );
  const [type, id] = [text("record_type"), text("record_id")];
  const shards = text("shards");
  const fetch = text("fetch");
  const secret = form.get("secret") ?? "";
  return {
    preset: preset.name,
    tenant: text("tenant"),
    country: text("country"),
    zone: text("zone"),
    settings,
    order_number: text("order_number"),
    record: type === null && id === null ? null : { type: type ?? "", id: id ?? "" },
    ...(shards === null ? {} : { shards: Number(shards) }),
    silent_after: text("silent_after"),
    fetch: fetch === null ? null : fetch.split(",").map((name) => name.trim()),
    ...apiOf(form, stored),
    ...(secret === "" ? {} : { secrets: [secret] }),
  };
}

/** The access to the sender's API. Left out if nothing is said of it: `null` would remove the stored credential. */
function apiOf(form: URLSearchParams, stored: SourceView | null): { api?: Record<string, unknown> } {
  const { base_url: _, ...kept } = (stored?.api ?? {}) as Record<string, unknown>;
  const url = (form.get("api_base_url") ?? "").trim();
  const credential = (form.get("api_credential") ?? "").trim();
  const api = { ...kept, ...(url === "" ? {} : { base_url: url }), ...(credential === "" ? {} : { credential }) };
  return Object.keys(api).length === 0 ? {} : { api };
}

/** @returns The name of the field of a mistake's path in the API's document. */
export function inputNameOf(path: readonly (string | number)[]): string {
  const [first = "", second] = path.map(String);
  if (first === "settings") return second === undefined ? "settings" : settingPrefix + second;
  if (first === "record") return second === "id" ? "record_id" : "record_type";
  if (first === "secrets") return "secret";
  if (first === "api") return second === "credential" ? "api_credential" : "api_base_url";
  return first;
}
