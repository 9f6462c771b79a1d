/** Names of sources, lines and rules, as paths, entries and logs show them. */
export const slugPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Slugs of a route or of the built-in source: no other source may have them, and no webhook of a CRM is accepted there. */
export const reservedSlugs: ReadonlySet<string> = new Set(["mihu", "api"]);
