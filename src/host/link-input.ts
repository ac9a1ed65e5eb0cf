/**
 * What a machine is told of a link that is up.
 * @module
 */
import type { InterfaceInput } from '../instance/input.ts';
import type { Link } from './link.ts';

/** The link is up, with its own address and MTU and no prefixes. */
export const linkUp =
  ({ interfaceId, linkLocalAddress, mtu }: Link) =>
  (nowMs: number): InterfaceInput => ({
    kind: 'interface',
    nowMs,
    interfaceId,
    up: true,
    linkLocalAddress,
    mtu,
    prefixes: [],
  });
