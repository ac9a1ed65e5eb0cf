/**
 * Which keys of a scenario are settings of a server, and where its configuration has them.
 * @module
 */

type Place = readonly (string | number)[];

/** Where a server's configuration has a setting of a scenario; undefined where it has none. */
export function placeOf(key: string): Place | undefined {
  if (key.startsWith('cost.')) return ['services', 0, ...key.split('.')];
  switch (key) {
    case 'weight':
      return ['services', 0, 'weight'];
    case 'sampleIntervalMs':
      return ['services', 0, 'loadEveryMs'];
    case 'helloIntervalS':
    case 'deadIntervalS':
      return ['interfaces', 0, key];
    case 'minLsIntervalMs':
      return [key];
    default:
      return undefined;
  }
}

/** Whether a key of a scenario is a setting of a server, and not of the world it is in. */
export const isServerSetting = (key: string): boolean => placeOf(key) !== undefined;
