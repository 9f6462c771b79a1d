// A hook of the API, and the one that a person names.
import * as z from "zod";
import { CommandError } from "../command.ts";
import { get, type Service } from "../service.ts";

export const hookAnswer = z.looseObject({
  id: z.string(),
  owner: z.string(),
  target_url: z.string(),
  format: z.string(),
  events: z.array(z.string()),
  when: z.string().nullable(),
  when_error: z.string().nullable(),
  payload: z.string(),
  header_names: z.array(z.string()),
  description: z.string().nullable(),
  state: z.string(),
  reason: z.string().nullable(),
  reason_text: z.string().nullable(),
  detail: z.string().nullable(),
  since: z.string(),
  failing_since: z.string().nullable(),
  former_secret_until: z.string().nullable(),
  pending: z.number(),
  created_at: z.string(),
  /** In the answer that makes it. */
  secret: z.string().optional(),
});
export type Hook = z.output<typeof hookAnswer>;

const listed = z.looseObject({ data: z.array(hookAnswer) });

export async function everyHook(service: Service): Promise<Hook[]> {
  return (await get(service, "/v1/hooks", listed)).data;
}

/**
 * The hook that a person names: by its id, by the beginning of its id, or by its URL. Throws one sentence if there is no
 * such hook, or more than one.
 */
export async function namedHook(service: Service, name: string): Promise<Hook> {
  const found = matching(await everyHook(service), name);
  const [hook] = found;
  if (hook === undefined)
    throw new CommandError(`there is no hook "${name}" that this token may see; \`hookline hooks\` lists them`);
  if (found.length > 1) {
    const ids = found.map(({ id, owner }) => `${id} (of ${owner})`).join(", ");
    throw new CommandError(`"${name}" names ${found.length} hooks: name one by its id: ${ids}`);
  }
  return hook;
}

/** Hooks with this id or URL; or, if there is none, those whose id begins so. */
function matching(hooks: readonly Hook[], name: string): Hook[] {
  const wanted = name.trim();
  const lower = wanted.toLowerCase();
  const exact = hooks.filter(({ id, target_url }) => id === lower || sameUrl(target_url, wanted));
  if (exact.length > 0 || lower === "") return exact;
  return hooks.filter(({ id }) => id.startsWith(lower));
}

/** Hookline stores a URL in one form, such as with the slash behind a bare host. */
function sameUrl(stored: string, written: string): boolean {
  return stored === written || (URL.canParse(written) && new URL(written).href === stored);
}

/** Why a hook that is not active sends nothing, and what to do. A hook without a token cannot be resumed. */
export function stopText({ id, state, reason, reason_text }: Hook): string {
  const why = reason_text === null ? "" : ` (${reason_text})`;
  const advice = reason === "token_ended" ? "" : `; \`hookline hooks resume ${id}\` resumes it`;
  return `the hook is ${state}${why}${advice}`;
}

/** Why a hook delivers nothing, or delivers badly: lines below its own in a list. */
export function troublesOf(hook: Hook): string[] {
  const { state, reason_text, detail, since, failing_since, when_error } = hook;
  return [
    ...(state === "active" ? [] : [`since ${since}: ${reason_text ?? state}${detail === null ? "" : ` (${detail})`}`]),
    ...(failing_since === null ? [] : [`failing since ${failing_since}`]),
    ...(when_error === null ? [] : [`\`when\` could not be decided: ${when_error}`]),
  ];
}
