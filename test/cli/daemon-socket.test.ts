import { expect, test } from '@jest/globals';
import { daemonSockets } from '../../src/cli/daemon-socket.ts';

// From Linux 6.18: a listener, one of its connections, another's listener, an abstract one.
const TABLE = `Num       RefCount Protocol Flags    Type St Inode Path
000000005d1a: 00000002 00000000 00010000 0001 01 187850 /run/tidecast/tidecast.sock
000000005d1b: 00000003 00000000 00000000 0001 03 187851 /run/tidecast/tidecast.sock
000000005d1c: 00000002 00000000 00010000 0001 01 187852 /run/docker.sock
000000005d1d: 00000002 00000000 00010000 0001 01 187853 @/tidecast.sock.not
000000005d1e: 00000002 00000000 00010000 0001 01 187854 /run/tidecast-5.sock
000000005d1f: 00000003 00000000 00000000 0001 03   1148
`;

test('daemons are found by the sockets that listen under their usual names', () => {
  expect(daemonSockets(TABLE)).toEqual(['/run/tidecast/tidecast.sock', '/run/tidecast-5.sock']);
});

test('where nothing is known of sockets there is no daemon', () => {
  expect(daemonSockets('')).toEqual([]);
});
