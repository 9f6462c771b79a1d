/**
 * Fetches records from a sender's API, for webhooks that carry only ids. The preset and the source's settings name the
 * host and the paths.
 *
 * Refused: sending a credential to any host but the one that it was stored for.
 */

import type { FetchAnswer } from "../../domain/fetch/fetch.ts";
import { checkApiBase, urlBelow } from "../../domain/fetch/fetch-url.ts";
import type { ApiAuth, PresetApi } from "../../domain/fetch/sender-api.ts";
import { readJson, valueAt } from "../../domain/json.ts";
import type { Text } from "../../domain/rules/text/program.ts";
import { compileText, pathsOf, renderText } from "../../domain/rules/text/text.ts";
import { encodeBase64, utf8 } from "../../platform/bytes.ts";
import { type HttpAnswer, request } from "../../platform/http-client.ts";
import type { Sealer } from "../../platform/seal.ts";
import type { RecordApi, Records } from "../../ports/planning/records.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { SourceCopy } from "../../ports/source-copy.ts";
import { findPreset } from "../presets/index.ts";
import { senderPauseMs, spentBudget } from "./rate-limits.ts";
import { type FetchGate, recentAnswers } from "./recent-answers.ts";

/** Timeout of one GET. */
const fetchTimeoutMs = 5_000;

/** Largest response of one GET: a ticket with its fields, without its attachments. */
const fetchAnswerBytesMax = 262_144;

/** One kind of record that can be fetched, with its compiled path. */
type Get = { readonly path: Text; readonly pick: string };

/** Compiled GETs, by copy of a source. */
const compiled = new WeakMap<SourceCopy, ReadonlyMap<string, Get>>();

/**
 * Access to senders' APIs for one object. Its events share recent answers, and its GETs share one concurrency limit.
 *
 * @param local Whether a sender's API may run on this machine.
 */
export function records(deps: {
  sealer: Pick<Sealer, "open">;
  clock: Clock;
  local: boolean;
  gate: FetchGate;
}): Records {
  const recent = recentAnswers(deps.clock);
  return {
    async open(source) {
      const preset = findPreset(source.preset)?.api;
      const where = checkApiBase(preset, source, deps.local);
      const { credential } = source;
      if (!where.ok || credential === undefined || credential === null || credential.baseUrl !== where.base)
        return { ok: false, problem: "credential_missing" };
      const opened = await deps.sealer.open(credential.sealed);
      if (!opened.ok) return { ok: false, problem: "credential_unreadable" };
      const headers = { accept: "application/json", ...presented(authOf(preset, source), opened.text) };
      const gets = getsOf(preset, source);
      const ask = (url: string) => deps.gate(() => ask1(url, headers, deps));
      return {
        ok: true,
        api: apiOf(gets, where.base, (url, sinceMs) => recent(`${credential.id} ${url}`, sinceMs, () => ask(url))),
      };
    },
  };

  /** Sends one GET. An exhausted rate limit in the response pauses the following GETs. */
  async function ask1(
    url: string,
    headers: Record<string, string>,
    { clock, gate }: typeof deps,
  ): Promise<FetchAnswer> {
    const answer = await exchange(url, headers);
    if (answer.kind === "answer" && spentBudget(answer.headers)) gate.rest();
    return read(answer, clock.now());
  }
}

/** A header that cannot be sent contains a malformed credential, which is reported like a 401. */
async function exchange(url: string, headers: Record<string, string>): Promise<HttpAnswer> {
  try {
    return await request({
      method: "GET",
      url,
      headers,
      timeoutMs: fetchTimeoutMs,
      answerBytesMax: fetchAnswerBytesMax,
    });
  } catch {
    return { kind: "answer", status: 401, headers: new Headers(), text: "" };
  }
}

function apiOf(
  gets: ReadonlyMap<string, Get>,
  base: string,
  ask: (url: string, sinceMs: number) => Promise<FetchAnswer>,
): RecordApi {
  return {
    inOrder: (names) => inOrder(names, gets),
    async get(name, context, sinceMs) {
      const get = gets.get(name);
      if (get === undefined) return { kind: "unknown" };
      const path = renderText(get.path, context);
      const url = path.ok ? urlBelow(base, path.value) : null;
      if (url === null) return { kind: "id_invalid", path: path.ok ? null : path.path };
      const answer = await ask(url, sinceMs);
      if (answer.kind !== "found" || get.pick === "") return answer;
      const value = valueAt(answer.value, get.pick);
      return value === undefined || value === null ? { kind: "unreadable" } : { kind: "found", value };
    },
  };
}

function read(answer: HttpAnswer, nowMs: number): FetchAnswer {
  if (answer.kind !== "answer") return { kind: answer.kind };
  if (answer.status < 200 || answer.status > 299)
    return {
      kind: "status",
      status: answer.status,
      retryAfterMs: senderPauseMs(answer.headers.get("retry-after"), nowMs),
    };
  if (answer.truncated) return { kind: "too_large" };
  const json = readJson(answer.text);
  const isThing = json.ok && typeof json.value === "object" && json.value !== null;
  return isThing ? { kind: "found", value: json.value } : { kind: "unreadable" };
}

/**
 * Paths are checked when a source is saved. A path that does not compile was saved by another version and is skipped.
 */
function getsOf(preset: PresetApi | undefined, source: SourceCopy): ReadonlyMap<string, Get> {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  const own = Object.entries(source.api?.get ?? {}).map(([name, path]) => [name, { path, pick: "" }] as const);
  const gets = new Map<string, Get>();
  for (const [name, { path, pick }] of [...Object.entries(preset?.gets ?? {}), ...own]) {
    const made = compileText(path, "path");
    if (made.ok) gets.set(name, { path: made.text, pick });
    else gets.delete(name);
  }
  compiled.set(source, gets);
  return gets;
}

/**
 * A record whose id comes from another record is fetched after it. Two records that need each other keep their order.
 */
function inOrder(names: readonly string[], gets: ReadonlyMap<string, Get>): string[] {
  const left = [...names];
  const order: string[] = [];
  while (left.length > 0) {
    const at = left.findIndex((name) => !left.some((other) => other !== name && needs(gets.get(name), other)));
    order.push(...left.splice(Math.max(at, 0), 1));
  }
  return order;
}

function needs(get: Get | undefined, other: string): boolean {
  return (
    get !== undefined &&
    pathsOf(get.path).some((path) => path === `record.${other}` || path.startsWith(`record.${other}.`))
  );
}

function authOf(preset: PresetApi | undefined, { api }: SourceCopy): ApiAuth {
  const own = api?.auth;
  if (own === undefined) return preset?.auth ?? { as: "bearer" };
  return typeof own === "string" ? { as: own } : { as: "header", name: own.header };
}

function presented(auth: ApiAuth, credential: string): Record<string, string> {
  switch (auth.as) {
    case "bearer":
      return { authorization: `Bearer ${credential}` };
    case "basic":
      return { authorization: `Basic ${encodeBase64(utf8(credential))}` };
    case "header":
      return { [auth.name.toLowerCase()]: credential };
  }
}
