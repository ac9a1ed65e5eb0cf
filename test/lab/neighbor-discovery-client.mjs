/**
 * Asks an address who it is, at a steady rate, and prints what came of each query:
 * `[sent at ms, name of the server or null]` as one JSON array, at the end.
 * Arguments: address, milliseconds, queries per second, and `flows` for a source port of its own
 * for each query. SIGTERM ends it early.
 */
import { createSocket } from 'node:dgram';
import packet from 'dns-packet';

const [address, durationText, perSecondText, flows] = process.argv.slice(2);
const [durationMs, perSecond] = [Number(durationText), Number(perSecondText)];
const queries = [];
const open = (onAnswer) => {
  const socket = createSocket('udp6');
  socket.on('message', (message) => {
    const { id, answers } = packet.decode(message);
    const query = queries.findLast((candidate) => candidate.id === id);
    if (query) query.server = String(answers[0]?.data ?? '');
    onAnswer?.();
  });
  socket.on('error', () => undefined); // unreachable for a moment: that query is lost
  return socket;
};
const shared = flows ? undefined : open();
/** A socket of its own, closed when it was answered or a second is over. */
const fresh = () => {
  const end = () => {
    clearTimeout(late);
    socket.close();
  };
  const socket = open(end);
  const late = setTimeout(end, 1000);
  return socket;
};
const beganMs = performance.now();
const ask = () => {
  const atMs = performance.now() - beganMs;
  if (atMs >= durationMs) return finish();
  // Catches up after a late timer, so that the rate holds.
  while (queries.length < (atMs * perSecond) / 1000) {
    const id = queries.length & 0xffff;
    const question = { type: 'TXT', class: 'CH', name: 'id.server' };
    queries.push({ id, atMs: Date.now(), server: null });
    const socket = shared ?? fresh();
    socket.send(packet.encode({ type: 'query', id, questions: [question] }), 53, address);
  }
};
let finishing = false;
function finish() {
  if (finishing) return;
  finishing = true;
  clearInterval(timer);
  setTimeout(() => {
    const rows = queries.map(({ atMs, server }) => [atMs, server]);
    process.stdout.write(JSON.stringify(rows), () => process.exit(0));
  }, 300);
}
const timer = setInterval(ask, 1);
process.once('SIGTERM', finish);
