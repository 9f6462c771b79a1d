import type { PropsWithChildren } from "hono/jsx";
import { Quoted } from "./bits.tsx";

/** The way back to the sources and to one of them. */
export function SourceTrail({ slug, children }: PropsWithChildren<{ slug: string }>) {
  return (
    <nav class="trail" aria-label="Where this is">
      <a href="/sources">Sources</a>
      <a href={`/sources/${encodeURIComponent(slug)}`}>
        <Quoted text={slug} />
      </a>
      {children}
    </nav>
  );
}
