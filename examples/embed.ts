// A routing module in a program of one's own: it hears the servers on a link (here UDP multicast
// on the loopback, no privilege needed), prints route changes, and picks the next hop of a flow.
import { openUdpLink, RoutingModule } from 'tidecast';

const port = Number(process.argv[2] ?? 5089);
const link = await openUdpLink({ interfaceId: 1, name: 'farm', port });
const timers = { helloIntervalS: 1, routerDeadIntervalS: 4 };
const routing = new RoutingModule({
  routerId: '10.0.0.1',
  interfaces: [{ link, priority: 10, ...timers }],
});

routing.on('route', ({ change, route }) => console.log(change, route.key, 'at', route.distance));
routing.on('spread', ({ service, change }) => {
  const hop = routing.pick(service, { address: '2001:db8::c', port: 40_000 });
  console.log(service, change.moves.length, 'buckets moved; this flow goes to', hop?.address);
});
