/** Names of sources, lines and rules, as used in paths, entries and logs. */
export const slugPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/**
 * Slugs of a route and of the built-in source. No other source may use them, and no webhook of a CRM is accepted under
 * them.
 */
export const reservedSlugs: ReadonlySet<string> = new Set(["mihu", "api"]);
