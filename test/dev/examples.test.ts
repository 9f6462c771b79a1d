import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readYaml } from "../../cli/config/document.ts";
import { signedRequest } from "../../dev/send/sign.ts";
import { schemeOf } from "../../src/crm/preset/chosen-scheme.ts";
import type { GivenSettings } from "../../src/crm/preset/preset.ts";
import { checkPresetSettings, findPreset, presets } from "../../src/crm/presets/index.ts";
import { checkLine, checkRules, checkSource, lineSettingsOf, type Presets } from "../../src/domain/config/check.ts";
import { compileIdentification, identify } from "../../src/domain/events/identify.ts";
import type { JsonValue } from "../../src/domain/json.ts";
import { parseHours } from "../../src/domain/people/calling-hours.ts";
import type { CallDraft } from "../../src/domain/plan/draft.ts";
import { planEvent } from "../../src/domain/plan/plan.ts";
import { compileRules } from "../../src/domain/rules/source-rules.ts";
import { readDocument } from "../../src/http/api/admin/document.ts";
import { eventId } from "../../src/platform/hashes.ts";
import { crmWebhooks, requestFrom, sourceAddress, sourceOf } from "../crm/contract/scene.ts";
import type { CrmFixture, Sent } from "../crm/fixture.ts";
import { fixtures } from "../crm/fixtures/index.ts";
import { nowMs } from "../crm/requests.ts";
import { type Example, examples } from "./examples.ts";

test("every file of examples/ is one of these; a folder of it has a test of its own", () => {
  const named = examples.flatMap(({ yaml, sample, fetched }) => [
    yaml,
    sample,
    ...(fetched === undefined ? [] : [fetched]),
  ]);
  const there = readdirSync("examples", { withFileTypes: true });
  expect([...new Set(named)].sort()).toEqual(
    there
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort(),
  );
  expect(there.filter((entry) => entry.isDirectory()).map(({ name }) => name)).toEqual(["node-red"]);
});

describe.each(examples)("$yaml with $sample", (example) => {
  const { slug, head, rules, lines } = configured(example.yaml);

  test("is configuration without a mistake, with one line and rules in shadow: nobody is rung by trying it", () => {
    expect([lines.length, rules.map(({ mode }) => mode)]).toEqual([1, rules.map(() => "shadow")]);
  });

  test("becomes one call, to the right number and with the right words", async () => {
    const call = await callOf(example);
    expect(call).toMatchObject({
      rule: example.rule,
      status: "queued",
      reason: null,
      number: example.number,
      line: lines[0]?.slug,
    });
    for (const text of example.about) expect(call.about).toContain(text);
    expect(call.greeting).toBe(example.greeting);
    for (const text of [call.about, call.prompt, call.greeting])
      expect(text ?? "").not.toMatch(/undefined|\[object|\{\{|\bnull\b/);
  });

  test("is found by its order number and its record", async () => {
    const [event] = await eventsOf(example);
    if (event === undefined) throw new Error("the sample holds no event");
    const source = {
      orderNumber: head.order_number,
      recordType: head.record?.type ?? null,
      recordId: head.record?.id ?? null,
    };
    const { orderNumber, record } = identify(compileIdentification(source), slug, event);
    expect([event.type, orderNumber, record === null ? "" : `${record.type} ${record.id}`]).toEqual([
      example.type,
      example.orderNumber,
      example.record,
    ]);
  });
});

function configured(file: string) {
  const yaml = readYaml(readFileSync(`examples/${file}`, "utf8"));
  if (!yaml.ok) throw new Error(JSON.stringify(yaml.mistakes));
  const { document, mistakes } = readDocument(yaml.value);
  const known: Presets = {
    names: [...presets.keys()],
    isLocal: false,
    find: findPreset,
    check: checkPresetSettings,
  };
  const lines = [...document.lines].map(([slug, line]) => {
    mistakes.push(...checkLine(line, ["lines", slug]));
    const hours = line.hours === null ? null : parseHours(line.hours);
    return { ...lineSettingsOf(slug, line), hours: hours?.ok === true ? hours.hours : null };
  });
  const [[slug, { head, rules }] = ["", { head: null, rules: null }], ...others] = [...document.sources];
  if (head === null || rules === null || others.length > 0) throw new Error(`${file}: ${JSON.stringify(mistakes)}`);
  mistakes.push(...checkRules(rules));
  const checked = checkSource(slug, head, known, ["sources", slug]);
  if (!checked.ok) mistakes.push(...checked.mistakes);
  expect(mistakes).toEqual([]);
  return { slug, head, rules: rules.map(({ rule }) => rule), lines };
}

/** The sample, signed by its sender and through the door's own verifier and reader. */
async function eventsOf(example: Example) {
  const { head } = configured(example.yaml);
  const fixture = fixtureOf(head.preset, settingsOf(head.settings));
  const request = requestFrom(sentBy(fixture, example, settingsOf(head.settings), head.tenant));
  const source = await sourceOf(fixture, { tenant: head.tenant, settings: settingsOf(head.settings) });
  expect(await crmWebhooks.verify(source, request, nowMs)).toMatchObject({ ok: true });
  const read = await crmWebhooks.read(source, request, nowMs);
  if (!read.ok) throw new Error(read.detail);
  return read.events;
}

async function callOf(example: Example): Promise<CallDraft> {
  const { slug, head, rules, lines } = configured(example.yaml);
  const [event, ...others] = await eventsOf(example);
  if (event === undefined || others.length > 0) throw new Error("the sample holds no event, or more than one");
  const definitions = rules.map(({ name, ...definition }) => ({
    name,
    version: 1,
    definition: { ...definition, mode: "live" as const },
  }));
  const compiled = compileRules(definitions, head.fetch);
  const fetched: JsonValue =
    example.fetched === undefined ? null : JSON.parse(readFileSync(`examples/${example.fetched}`, "utf8"));
  const { calls, reason, detail } = planEvent(
    { ...event, id: eventId(slug, event.dedupeKey), source: slug, receivedAt: nowMs, record: null, fetched },
    compiled,
    {
      source: { slug, country: head.country, zone: head.zone },
      lines: new Map(lines.map((line) => [line.slug, line])),
      nowMs,
    },
  );
  const [call, ...more] = calls;
  if (call === undefined || more.length > 0)
    throw new Error(`${calls.length} calls: ${reason} ${JSON.stringify(detail)}`);
  return call;
}

function fixtureOf(preset: string, settings: GivenSettings): CrmFixture {
  const wanted = findPreset(preset);
  const scheme = wanted === null ? "" : schemeOf(wanted, settings).scheme.name;
  const found = fixtures.find((fixture) => fixture.preset === preset && fixture.scheme === scheme);
  if (found === undefined) throw new Error(`nobody sends as ${preset} ${scheme}`);
  return { ...found, settings: {} };
}

function sentBy(
  fixture: CrmFixture,
  { sample, headers, type }: Example,
  settings: GivenSettings,
  tenant: string | null,
): Sent {
  const body = readFileSync(`examples/${sample}`, "utf8");
  const secret = fixture.secret ?? "";
  const preset = findPreset(fixture.preset);
  // Senders without a preset: the settings say how they sign.
  if (preset !== null && (preset.name === "generic" || preset.name === "bearer")) {
    const made = signedRequest({ preset, settings, secret, body, id: "example", type });
    return { method: "POST", url: sourceAddress, headers: made.headers, body };
  }
  const sent = fixture.send({ secret, at: nowMs, url: sourceAddress, body, ...(tenant === null ? {} : { tenant }) });
  return { ...sent, headers: { ...sent.headers, ...headers } };
}

function settingsOf(settings: Record<string, JsonValue>): GivenSettings {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
}
