/** The service behind an address of this machine, for what asks by HTTP. */
import { createServer } from "node:http";
import type { TestService } from "./service.ts";

export async function served(api: TestService): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (part) => chunks.push(part));
    request.on("end", async () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const bearer = (request.headers.authorization ?? "").replace("Bearer ", "");
      const answer = await api.ask(request.method ?? "GET", request.url ?? "/", body === "" ? undefined : body, bearer);
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(answer.json === null ? "" : JSON.stringify(answer.json));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    close: () => new Promise((done) => void server.close(() => done())),
  };
}
