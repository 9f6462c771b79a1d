/** Requests to Mihu that begin after an answer said that such calls are stopped. Pure. */
import type { Post } from "../../../dev/simulator/engine/types.ts";
import type { AnsweredStop } from "../world/operator.ts";
import { type StoryEvent, tokenIn } from "../world/story.ts";

/** The product promises that no request begins later than this after its claim. */
const postWithinMs = 2_000;
/** A request takes a moment to arrive on a busy machine. */
const arrivesMs = 500;

/**
 * @param stops an answer that was not clean said that calls were on their way, or that a line did not answer: those begin soon or never
 * @returns the token of each such request, with the kind of the stop
 */
export function rungAfterStop(
  posts: readonly Post[],
  stops: readonly AnsweredStop[],
  events: ReadonlyMap<string, StoryEvent>,
): string[] {
  return posts.flatMap(({ at, number, about }) => {
    const token = tokenIn(about) ?? "";
    const event = events.get(token);
    if (event === undefined) return [];
    const broken = stops.find(({ from, until, clean, concerns }) => {
      const since = from + (clean ? 0 : postWithinMs + arrivesMs);
      return at > since && at < until && concerns(event, number);
    });
    return broken === undefined ? [] : [`${token} ${at - broken.from} ms after ${broken.kind}`];
  });
}
