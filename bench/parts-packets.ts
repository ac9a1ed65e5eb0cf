/**
 * Sends datagrams to an address as fast as the kernel takes them, 64 per call; prints nanoseconds
 * per datagram. On a veth the receiving side works within the sender's call, so forwarding is in it.
 * Usage: parts-packets ADDRESS COUNT
 */
import koffi from 'koffi';
import { parseAddress } from '../src/wire/address.ts';

const BATCH = 64;
const MMSGHDR_OCTETS = 64;
const AF_INET6 = 10;
const SOCK_DGRAM = 2;

const [addressText = '', countText = ''] = process.argv.slice(2);
const count = Number(countText);
const library = koffi.load(null);
const open = library.func('int socket(int, int, int)');
const connect = library.func('int connect(int, void *, unsigned int)');
const sendmmsg = library.func('int sendmmsg(int, void *, unsigned int, int)');

const payload = Buffer.alloc(40, 1);
const iovec = Buffer.alloc(16);
iovec.writeBigUInt64LE(BigInt(koffi.address(payload)), 0);
iovec.writeBigUInt64LE(BigInt(payload.length), 8);
const messages = Buffer.alloc(BATCH * MMSGHDR_OCTETS);
for (let i = 0; i < BATCH; i++) {
  messages.writeBigUInt64LE(BigInt(koffi.address(iovec)), i * MMSGHDR_OCTETS + 16);
  messages.writeBigUInt64LE(1n, i * MMSGHDR_OCTETS + 24);
}
const name = Buffer.alloc(28);
name.writeUInt16LE(AF_INET6, 0);
name.writeUInt16BE(53, 2);
name.set(parseAddress(addressText), 8);
const socket = open(AF_INET6, SOCK_DGRAM, 0) as number;
if (connect(socket, name, name.length) !== 0) throw new Error('connect failed');

function send(datagrams: number): number {
  const from = process.hrtime.bigint();
  let sent = 0;
  while (sent < datagrams) {
    const took = sendmmsg(socket, messages, BATCH, 0) as number;
    if (took <= 0) throw new Error('sendmmsg failed');
    sent += took;
  }
  return Number(process.hrtime.bigint() - from) / sent;
}

send(count / 4);
console.log(send(count));
