/**
 * Compares the routes computed for a router with those it printed.
 * @module
 */
import type { Difference } from './database-diff.ts';
import type { ShownRoute } from './listener-routes.ts';
import type { PrintedRoute } from './truth-routes.ts';

const DIRECT = '::';

/** The differences; none when both have the same routes by the same next hops. */
export function routeDifferences(
  ours: readonly ShownRoute[],
  printed: readonly PrintedRoute[],
): Difference[] {
  const theirs = new Map(printed.map((route) => [route.prefix, route]));
  const differences: Difference[] = [];
  for (const route of ours) {
    const their = theirs.get(route.prefix);
    theirs.delete(route.prefix);
    // Many routers do not print the prefixes that are their own or on their links.
    if (their === undefined && isDirect(hopsOf(route))) continue;
    const [our, found] = [ourText(route, their), their ? theirText(their) : 'absent'];
    if (our !== found) differences.push({ what: route.prefix, ours: our, theirs: found });
  }
  for (const [prefix, their] of theirs) {
    differences.push({ what: prefix, ours: 'absent', theirs: theirText(their) });
  }
  return differences;
}

const hopsOf = ({ nextHops }: ShownRoute): string[] =>
  nextHops.length === 0 ? [DIRECT] : nextHops.map(({ address }) => address ?? DIRECT);
const isDirect = (hops: readonly string[]): boolean => hops.every((hop) => hop === DIRECT);

const text = (route: PrintedRoute): string =>
  [
    route.pathType ?? '',
    route.distance === undefined ? '' : `distance ${route.distance}`,
    route.type2Metric === undefined ? '' : `type 2 metric ${route.type2Metric}`,
    route.nextHops === undefined ? '' : `via ${[...new Set(route.nextHops)].sort().join(' ')}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
const theirText = text;

/** As much of ours as the other printed of its own. */
function ourText(route: ShownRoute, their: PrintedRoute | undefined): string {
  const { prefix, pathType, distance, type2Metric } = route;
  return text({
    prefix,
    ...(their?.pathType !== undefined && { pathType }),
    ...(their?.distance !== undefined && { distance }),
    ...(their?.type2Metric !== undefined && type2Metric !== undefined && { type2Metric }),
    ...((their === undefined || their.nextHops) && { nextHops: hopsOf(route) }),
  });
}
