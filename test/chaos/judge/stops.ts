/** Requests to Mihu that begin after an answer said that such calls are stopped. Pure. */
import type { Post } from "../../../dev/simulator/engine/types.ts";
import type { AnsweredStop } from "../world/operator.ts";
import { type StoryEvent, tokenIn } from "../world/story.ts";

/** @returns the token of each such request, with the kind of the stop */
export function rungAfterStop(
  posts: readonly Post[],
  stops: readonly AnsweredStop[],
  events: ReadonlyMap<string, StoryEvent>,
): string[] {
  return posts.flatMap(({ at, number, about }) => {
    const token = tokenIn(about) ?? "";
    const event = events.get(token);
    if (event === undefined) return [];
    const broken = stops.find(({ from, until, concerns }) => at > from && at < until && concerns(event, number));
    return broken === undefined ? [] : [`${token} ${at - broken.from} ms after ${broken.kind}`];
  });
}
