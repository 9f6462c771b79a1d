/** Requests of the rule pages to the API. */
import { sha256Hex } from "../../platform/hashes.ts";
import type { EventView } from "../../views/calls/event.ts";
import type { previewView } from "../../views/sources/preview.ts";
import type { rehearsalView } from "../../views/sources/rehearsal.ts";
import type { EventShown } from "../events/event-page.tsx";
import { type ApiProblem, type ApiReply, askApi, has, type PageContext, PageProblem, readApi } from "../page.ts";
import { isId } from "../parts/id.ts";
import { apiPath } from "../sources/acts.tsx";
import { type NamedDocument, type RuleShown, type RuleVersionShown, storedDocument } from "./rule-fields.ts";

/** Newest events that a preview evaluates. */
const previewedMax = 5;
/** Days of a rehearsal. */
export const rehearsedDays = 7;

export type Previewed = {
  readonly event: EventView;
  readonly seen: ReturnType<typeof previewView> | null;
  readonly problem: ApiProblem | null;
};
export type RehearsalAnswer = ReturnType<typeof rehearsalView> & { readonly next_cursor: string | null };

/** @returns The API's path of the rule that the address names. */
export function rulePath(c: PageContext, more = ""): string {
  return apiPath(c, `/rules/${encodeURIComponent(c.req.param("name") ?? "")}${more}`);
}

/** @returns The rules of the source that the address names, in their order; null if there is no such source. */
export async function rulesOf(c: PageContext): Promise<readonly RuleShown[] | null> {
  const answer = await askApi<{ data: readonly RuleShown[] }>(c, { method: "GET", path: apiPath(c, "/rules") });
  return answer.ok ? answer.body.data : absent(answer.problem);
}

/** @returns The saved versions of the rule that the address names, the newest first; null if there are none. */
export async function versionsOf(c: PageContext): Promise<readonly RuleVersionShown[] | null> {
  const answer = await askApi<{ data: RuleVersionShown[] }>(c, { method: "GET", path: rulePath(c, "/versions") });
  return answer.ok ? answer.body.data.sort((one, other) => other.version - one.version) : absent(answer.problem);
}

function absent(problem: ApiProblem): null {
  if (problem.status === 404 || problem.status === 400 || problem.status === 422) return null;
  throw new PageProblem(problem);
}

/** @returns Names of the lines. */
export async function lineNames(c: PageContext): Promise<readonly string[]> {
  return (await readApi<{ data: readonly { slug: string }[] }>(c, "/v1/lines")).data.map(({ slug }) => slug);
}

/** @returns The newest events of the source. None for a reader who may not list them. */
export async function newestEvents(c: PageContext): Promise<readonly EventView[]> {
  if (!has(c, "calls:read")) return [];
  const query = new URLSearchParams({ source: c.req.param("slug") ?? "", limit: String(previewedMax) });
  return (await readApi<{ data: readonly EventView[] }>(c, `/v1/events?${query}`)).data;
}

/** @returns One event of the source with its body; null if there is none, or the reader may not read events. */
export async function wholeEvent(c: PageContext, id: string): Promise<EventShown | null> {
  if (!has(c, "calls:read") || !isId(id)) return null;
  const answer = await askApi<EventShown>(c, { method: "GET", path: `/v1/events/${id}` });
  if (!answer.ok) return absent(answer.problem);
  return answer.body.source === c.req.param("slug") ? answer.body : null;
}

/** @returns The source's rules with one of them replaced or added. */
function withRule(rules: readonly RuleShown[], rule: NamedDocument): NamedDocument[] {
  const isNew = rules.every(({ name }) => name !== rule.name);
  return [...rules.map((one) => (one.name === rule.name ? rule : storedDocument(one))), ...(isNew ? [rule] : [])];
}

/** Previews a rule about events. A mistake in the rule is the same for all of them. */
export async function previewRule(
  c: PageContext,
  all: readonly RuleShown[],
  rule: NamedDocument,
  events: readonly EventView[],
): Promise<{ previews: readonly Previewed[]; refused: ApiProblem | null }> {
  const rules = withRule(all, rule);
  const previews = await Promise.all(
    events.map(async (event): Promise<Previewed> => {
      const body = { event_id: event.id, rules, rule: rule.name };
      type Answer = { events: readonly ReturnType<typeof previewView>[] };
      const answer = await askApi<Answer>(c, { method: "POST", path: apiPath(c, "/preview"), body });
      if (answer.ok) return { event, seen: answer.body.events[0] ?? null, problem: null };
      return { event, seen: null, problem: answer.problem };
    }),
  );
  const refused = previews.find(({ problem }) => problem?.errors?.some(({ path }) => path[0] === "rules"));
  return { previews, refused: refused?.problem ?? null };
}

/** Rehearses a rule among the others of its source. */
export async function rehearseRule(
  c: PageContext,
  all: readonly RuleShown[],
  rule: NamedDocument,
): Promise<ApiReply<RehearsalAnswer>> {
  const body = { days: rehearsedDays, rules: withRule(all, rule) };
  return await askApi<RehearsalAnswer>(c, { method: "POST", path: apiPath(c, "/rehearse"), body });
}

/**
 * @param version The stored version that the document replaces. Another one has to be rehearsed again.
 * @returns The fingerprint of a rehearsed document.
 */
export function fingerprint(rule: NamedDocument, version: number): string {
  return sha256Hex(
    JSON.stringify([version, rule.name, Object.entries(rule).sort(([one], [other]) => (one < other ? -1 : 1))]),
  );
}
