/** Types of events that a sender documents, for rules that name one by mistake. */
import { closest, distance } from "fastest-levenshtein";

/** A topic farther than this part of its length from every known one has no suggestion. */
const likenessMin = 0.7;

/**
 * @param separator what stands between resource and action
 * @param actions of each resource, with blanks between them
 * @returns such as `orders/updated`, in the order given
 */
export function topicsOf(separator: string, actions: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(actions).flatMap(([resource, names]) =>
    names.split(" ").map((name) => resource + separator + name),
  );
}

/** `action.*` is every topic that begins so. */
function isOf(topic: string, known: string): boolean {
  return known.endsWith("*") ? topic.startsWith(known.slice(0, -1)) : topic === known;
}

/**
 * @param topics absent: the sender's list is open, and every topic may come
 * @returns A sentence about a topic that is not known, with the one that is most like it; null if nothing is wrong.
 */
export function topicAdvice(title: string, topics: readonly string[] | undefined, topic: string): string | null {
  if (topics === undefined || topics.some((known) => isOf(topic, known))) return null;
  const like = closest(topic.toLowerCase(), [...topics]);
  const isLike = distance(topic.toLowerCase(), like) <= (1 - likenessMin) * Math.max(topic.length, like.length);
  const unknown = `\`${topic}\` is none of the topics of ${title} that Hookline knows`;
  return isLike ? `${unknown}; did you mean \`${like}\`?` : `${unknown}: a rule that waits for it may never call.`;
}
