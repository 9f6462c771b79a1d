import { type ApiProblem, type PageContext, PageProblem } from "../page.ts";
import { secureFile } from "./response.tsx";

/** Passes a file of the API on, as a stream. A refusal becomes an error page. */
export async function download(c: PageContext, path: string): Promise<Response> {
  const { page, reader } = c.var;
  const answer = await page.download(reader, new Request(new URL(path, c.req.url), { method: c.req.method }));
  if (!answer.ok) throw new PageProblem((await answer.json()) as ApiProblem);
  return secureFile(c, answer);
}
