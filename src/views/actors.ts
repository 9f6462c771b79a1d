/** Actors of entries in words: a person by the name of their token, never by its id. */
const form = /^(token|line|source|person):(.+)$/;

/** Names of tokens by their ids. */
export type TokenNames = ReadonlyMap<string, string>;

/** @returns Ids of the tokens among some actors, each once. */
export function tokensOf(actors: readonly string[]): string[] {
  const ids = actors.flatMap((actor) => (actor.startsWith("token:") ? [actor.slice("token:".length)] : []));
  return [...new Set(ids)].filter((id) => uuid.test(id));
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @returns `Anna (support)`, `line support-en`, `Mihu`, `the plan`. A token without a name here is shown by its id's beginning. */
export function actorName(actor: string, names: TokenNames): string {
  const [, kind, id] = form.exec(actor) ?? [];
  if (kind === undefined || id === undefined) return actor === "mihu" ? "Mihu" : `the ${actor.replaceAll("_", " ")}`;
  if (kind === "token") return names.get(id) ?? `token ${id.slice(0, 8)}`;
  return `${kind} ${id}`;
}
