/**
 * The program of a server that runs in a process of its own: told what to be over the channel to
 * its parent, and gone when the parent is.
 * @module
 */
import { openUdpLink } from '../host/link-udp.ts';
import { parseAddress } from '../wire/address.ts';
import type { FromServerProcess, ToServerProcess } from './farm-server.ts';
import { ServerNode } from './server-node.ts';

const STATUS_INTERVAL_MS = 250;

const tell = (message: FromServerProcess): void => {
  if (process.connected) process.send?.(message);
};

let node: ServerNode | undefined;

async function start(order: Extract<ToServerProcess, { kind: 'start' }>): Promise<void> {
  const { config, linkPort } = order;
  const linkLocalAddress = parseAddress(order.linkLocalAddress);
  const place = { interfaceId: 1, name: config.name, port: linkPort, linkLocalAddress };
  const started = new ServerNode(config, await openUdpLink(place), (text) => {
    tell({ kind: 'event', text });
  });
  await started.start();
  node = started;
  const report = (): void => tell({ kind: 'status', status: started.status() });
  report();
  setInterval(report, STATUS_INTERVAL_MS);
}

process.on('message', (order: ToServerProcess) => {
  if (order.kind === 'command') node?.command(order.command);
  else {
    start(order).catch((error: unknown) => {
      tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
    });
  }
});
// A terminal's interrupt reaches every process; the farm decides who ends, and when it is gone so are we.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());
