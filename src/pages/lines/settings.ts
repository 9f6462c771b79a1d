/** The form of a line's settings, and the API's body that is made of it. */
import { readCountry } from "../../domain/people/country.ts";
import type { LineView } from "../../views/lines/line.ts";
import type { Field } from "../forms/fields.tsx";

/** @param line Present settings; null for a new line. */
export function settingsFields(line: LineView | null): readonly Field[] {
  const hours = line?.hours ?? null;
  return [
    {
      kind: "line",
      name: "agent",
      label: "Agent",
      hint: "The agent's id at Mihu.",
      required: true,
      charactersMax: 200,
      value: line?.agent ?? "",
    },
    whole("calls_per_minute", "Calls per minute", line?.calls_per_minute ?? 10),
    whole("calls_at_once", "Calls at once", line?.calls_at_once ?? 3),
    whole("calls_per_day", "Calls per day (UTC)", line?.calls_per_day ?? 1_000),
    {
      kind: "line",
      name: "countries",
      label: "Countries",
      hint: "Countries that the line may call: names or two letters, with commas between. Empty: only the source's own country.",
      value: line?.countries?.join(", ") ?? "",
      placeholder: "US, Canada",
    },
    {
      kind: "line",
      name: "hours.days",
      label: "Days",
      hint: "`mon-sat`, or `mon,wed,fri`. Empty: it calls on every day at any time.",
      value: hours?.days ?? (line === null ? "mon-sat" : ""),
    },
    {
      kind: "line",
      name: "hours.from",
      label: "From",
      hint: "By the clock of the person who is called: `09:00`.",
      value: hours?.from ?? (line === null ? "09:00" : ""),
    },
    {
      kind: "line",
      name: "hours.to",
      label: "To",
      hint: "`20:00`, or `24:00` for midnight.",
      value: hours?.to ?? (line === null ? "20:00" : ""),
    },
    {
      kind: "text",
      name: "hours.closed",
      label: "Closed days",
      hint: "Dates such as `2026-12-25`, one per line or with commas between.",
      rows: 3,
      value: hours?.closed?.join("\n") ?? "",
    },
    {
      kind: "text",
      name: "webhook_settings",
      label: "Signature of Mihu's webhooks",
      hint: "A scheme in JSON. Empty: Mihu's own, which is the usual one.",
      rows: 2,
      code: true,
      value: line?.webhook_settings == null ? "" : JSON.stringify(line.webhook_settings, null, 2),
    },
  ];
}

function whole(name: string, label: string, value: number): Field {
  return { kind: "line", name, label, required: true, charactersMax: 9, value: String(value) };
}

/** @returns The API's body. A text that is no number or no JSON goes as it is, so the API says what is wrong with it. */
export function settingsBody(form: URLSearchParams): object {
  const text = (name: string) => (form.get(name) ?? "").trim();
  const number = (name: string) => (/^\d{1,9}$/.test(text(name)) ? Number(text(name)) : text(name));
  const closed = listOf(text("hours.closed"));
  const hours = ["hours.days", "hours.from", "hours.to"].some((name) => text(name) !== "") || closed.length > 0;
  const countries = listOf(text("countries")).map((one) => readCountry(one) ?? one);
  return {
    agent: text("agent"),
    calls_per_minute: number("calls_per_minute"),
    calls_at_once: number("calls_at_once"),
    calls_per_day: number("calls_per_day"),
    countries: countries.length === 0 ? null : [...new Set(countries)],
    hours: hours
      ? {
          days: text("hours.days"),
          from: text("hours.from"),
          to: text("hours.to"),
          ...(closed.length === 0 ? {} : { closed }),
        }
      : null,
    webhook_settings: text("webhook_settings") === "" ? null : parsed(text("webhook_settings")),
  };
}

function listOf(text: string): string[] {
  return text
    .split(/[,;\n]/)
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
