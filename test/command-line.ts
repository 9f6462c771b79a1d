/** `hookline VERB …` in this process, with what it printed. */
import { main } from "../cli/main.ts";

/**
 * @param env the variables of its environment, all of them
 * @returns its exit code; `out`: standard output; `said`: standard error; `text`: both, in their order
 */
export async function runHookline(args: readonly string[], env: Readonly<Record<string, string>>) {
  const printed: { readonly on: "out" | "said"; readonly text: string }[] = [];
  const code = await main(args, {
    env,
    out: (text) => void printed.push({ on: "out", text }),
    say: (text) => void printed.push({ on: "said", text }),
  });
  const joined = (lines: typeof printed) => lines.map(({ text }) => text).join("\n");
  const [out, said] = [printed.filter(({ on }) => on === "out"), printed.filter(({ on }) => on === "said")];
  return { code, out: joined(out), said: joined(said), text: joined(printed) };
}

/** The environment of an operator who has the service's token and the owner's address of its database. */
export function environmentOf(service: { readonly url: string; readonly token: string; readonly ownerUrl: string }) {
  return { HOOKLINE_URL: service.url, HOOKLINE_TOKEN: service.token, DATABASE_URL: service.ownerUrl };
}
