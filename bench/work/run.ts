// Runs one piece of work once: what it is charged, and whether its budget ended it.
import { compileCondition, evaluateCondition } from "../../src/domain/rules/condition/condition.ts";
import { buildContext, type MappingContext, type WorkAccount } from "../../src/domain/rules/context.ts";
import { compileText, renderText } from "../../src/domain/rules/text/text.ts";
import { payload } from "./inputs.ts";

export type Ran = { readonly weight: number; readonly isRefused: boolean };

const enough = 1e12;
const context = buildContext({ id: "1", type: "bench", occurredAt: 0, source: "bench" }, payload, null);

/** @returns runs the condition once for each call */
export function conditionRun(source: string): () => Ran {
  const made = compileCondition(source);
  if (!made.ok) throw new Error(`${source}: ${made.mistake.reason}`);
  return () =>
    charged((charging) => {
      const answer = evaluateCondition(made.condition, charging);
      return !answer.ok && answer.detail.includes("too much work");
    });
}

/** @returns renders the text once for each call */
export function textRun(source: string): () => Ran {
  const made = compileText(source, "about");
  if (!made.ok) throw new Error(`${source.slice(0, 200)}: ${made.mistake.reason}`);
  return () =>
    charged((charging) => {
      const answer = renderText(made.text, charging);
      return !answer.ok && answer.reason === "too_much_work";
    });
}

function charged(run: (charging: MappingContext) => boolean): Ran {
  const account: WorkAccount = { left: enough };
  const isRefused = run({ ...context, account });
  return { weight: enough - account.left, isRefused };
}
