/** Hooks as hookline.yaml has them. */
import type { HookRow } from "../../ports/hooks/hooks.ts";

/**
 * The hooks of one token's name, in the document that changes nothing when it is applied by that name. A header names a
 * variable. While the variable is not set, an apply leaves the stored value.
 */
export function hooksDocument(hooks: readonly HookRow[]) {
  const named = new Set<string>();
  return hooks.map((hook) => ({
    target_url: hook.targetUrl,
    events: hook.events,
    when: hook.condition,
    payload: hook.payload,
    headers: Object.fromEntries(
      hook.headerNames.map((header) => [header, { env: variableFor(hook.targetUrl, header, named) }]),
    ),
    description: hook.description,
    format: hook.format,
  }));
}

/** A name for a header's variable, by the receiver's host. Two headers never share one. */
function variableFor(targetUrl: string, header: string, named: Set<string>): string {
  const host = URL.canParse(targetUrl) ? new URL(targetUrl).hostname : "";
  const name = `HOOK_${host}_${header}`.toUpperCase().replace(/[^A-Z0-9]+/g, "_");
  for (let nth = 1; ; nth++) {
    const unused = nth === 1 ? name : `${name}_${nth}`;
    if (named.has(unused)) continue;
    named.add(unused);
    return unused;
  }
}
