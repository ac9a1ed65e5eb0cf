/**
 * What can be asked of a daemon; apart from the views themselves, so that asking loads nothing.
 * @module
 */
export const VIEW_NAMES = [
  'status',
  'neighbors',
  'interfaces',
  'database',
  'routes',
  'runs',
  'services',
  'shares',
  'drops',
  'neighbor-discovery',
] as const;

export type ViewName = (typeof VIEW_NAMES)[number];
