import type { LeftSecret } from "../../domain/config/change-plan.ts";
import { iso } from "../moment.ts";

/**
 * A secret of a running rotation that a save leaves unchanged, with advice.
 *
 * @param place Location of the list that omits it.
 */
export function leftSecretView(left: LeftSecret, place: "file" | "request") {
  return {
    source: left.source,
    id: left.id,
    env: left.env,
    why: left.why,
    at: iso(left.at),
    sentence: sentenceOf(left, place),
  };
}

function sentenceOf({ source, id, env, why, at }: LeftSecret, place: string): string {
  const name = `${source}/${env ?? id ?? "(unnamed)"}`;
  switch (why) {
    case "added":
      return `secret ${name} was added by a rotation and is not in the ${place}: it stays. Add { ${env === null ? `id: ${id}` : `env: ${env}`} } to secrets of ${source}.`;
    case "ending":
      return `secret ${name} is not in the ${place}: it verifies until ${iso(at)}, the end that its rotation gave it.`;
    case "ended":
      return `secret ${name} was ended by a rotation at ${iso(at)} and is not added again. Take it out of the ${place}; \`hookline rotate-secret\` brings it back.`;
  }
}
