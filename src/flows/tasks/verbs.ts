/** The work of a task, as its `about` stores it. Pure. */
import type { ReplayWish } from "../../domain/plan/replay-plan.ts";
import type { SteppingTask } from "../../ports/tasks/steps.ts";
import type { BulkVerb } from "../people/decide-these.ts";

type About = Readonly<Record<string, unknown>>;

/** Fields of `about` for a decision about calls. */
export function aboutVerb(what: BulkVerb): About {
  // biome-ignore lint/suspicious/noThenProperty: `then` is a field of the API, and its value is a text.
  if (what.verb === "resolve") return what.rang ? { rang: true } : { rang: false, then: what.then };
  return "render" in what ? { render: what.render, rule_versions: what.versions } : {};
}

/** Fields of `about` for a replay. */
export function aboutReplay({ rule, evenIfCalled, ignoresExpiry }: ReplayWish): About {
  return {
    ...(rule === null ? {} : { rule }),
    ...(evenIfCalled ? { even_if_called: true } : {}),
    ...(ignoresExpiry === true ? { ignore_expiry: true } : {}),
  };
}

/** @returns The decision of a task. Throws for a task of another kind or form, which a bug would make. */
export function verbOf({ kind, about }: Pick<SteppingTask, "kind" | "about">): BulkVerb {
  switch (kind) {
    case "cancel":
      return { verb: kind };
    case "release":
      return about.render === "newest"
        ? { verb: kind, render: "newest", versions: versionsOf(about.rule_versions) }
        : { verb: kind };
    case "resolve":
      if (about.rang === true) return { verb: kind, rang: true };
      if (about.then === "dial" || about.then === "close")
        // biome-ignore lint/suspicious/noThenProperty: as above.
        return { verb: kind, rang: false, then: about.then };
      throw new Error("the task does not say whether its calls rang");
    case "replay":
      throw new Error("a replay decides no calls");
  }
}

export function replayWishOf({ about }: Pick<SteppingTask, "about">): ReplayWish {
  return {
    rule: typeof about.rule === "string" ? about.rule : null,
    evenIfCalled: about.even_if_called === true,
    ignoresExpiry: about.ignore_expiry === true,
  };
}

function versionsOf(given: unknown): Record<string, number> {
  const pairs = Object.entries(typeof given === "object" && given !== null ? given : {});
  return Object.fromEntries(pairs.flatMap(([rule, version]) => (typeof version === "number" ? [[rule, version]] : [])));
}
