import type { PageDeps } from "../deps.ts";
import { Layout } from "../layout.tsx";

type Props = { next: string; refused: boolean; mode: PageDeps["mode"] };

/** The form for a token. A rejected token is never written back into the page. */
export function SigninPage({ next, refused, mode }: Props) {
  return (
    <Layout title="Sign in" reader={null}>
      <section class="signin" aria-labelledby="signin">
        <h1 id="signin">Sign in</h1>
        <p>Paste a token with the scope calls:read. You stay signed in for 12 hours at most.</p>
        {refused ? (
          <p class="refused" role="alert" id="refused">
            This token is not valid: it is incomplete, expired or revoked. Copy it again, or get a new one.
          </p>
        ) : null}
        <form method="post" action="/signin">
          <input type="hidden" name="next" value={next} />
          <label for="token">Token</label>
          <input
            id="token"
            name="token"
            type="password"
            required
            autocomplete="current-password"
            autocapitalize="off"
            spellcheck={false}
            {...(refused ? { "aria-invalid": "true", "aria-describedby": "refused" } : {})}
          />
          <button type="submit">Sign in</button>
        </form>
        <details>
          <summary>Where do I get a token?</summary>
          {mode === "local" ? (
            <p>
              <code>npm run hookline -- token --scope calls:read --days 7</code> prints one. The token that{" "}
              <code>npm start</code> made for you is in <code>.hookline/dev.json</code>.
            </p>
          ) : (
            <p>
              From the person who runs this service: <code>npm run hookline -- token --scope calls:read --days 90</code>
              . Numbers, texts and recordings need <code>--scope pii:read</code> as well.
            </p>
          )}
        </details>
      </section>
    </Layout>
  );
}
