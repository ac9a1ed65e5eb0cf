import { describe, expect, test } from '@jest/globals';
import { readIpErrors } from '../../src/host/ip-batch.ts';
import { readNftErrors } from '../../src/host/nft-pipe.ts';
import { type ToolDialect, ToolPipe } from '../../src/host/tool-pipe.ts';

const batch = (commands: readonly string[], firstLine = 1, number = 1) => ({
  number,
  commands,
  firstLine,
});

describe('what iproute2 writes to its error stream', () => {
  test('nothing until the acknowledgment has failed', () => {
    expect(readIpErrors('', batch(['a']))).toBeUndefined();
    expect(readIpErrors('RTNETLINK answers: File exists\nCommand failed -:1', batch(['a']))).toBe(
      undefined,
    );
  });

  test('each refused command by its line; the acknowledgment’s own error is none', () => {
    const errors =
      'RTNETLINK answers: File exists\nCommand failed -:11\n' +
      'Error: Nexthop id does not exist.\nCommand failed -:12\n' +
      'RTNETLINK answers: No such file or directory\nCommand failed -:13\nnext';
    expect(readIpErrors(errors, batch(['fine', 'taken', 'gone'], 10))).toEqual({
      failures: [
        { command: 'taken', message: 'RTNETLINK answers: File exists' },
        { command: 'gone', message: 'Error: Nexthop id does not exist.' },
      ],
      rest: 'next',
    });
  });
});

describe('what nftables writes to its error stream', () => {
  const acknowledgment = (n: number): string =>
    'Error: syntax error, unexpected string\n' +
    `tidecast_acknowledgment_${n}\n^^^^^^^^^^^^^^^^^^^^^^^^^\n`;

  test('the acknowledgment alone is success', () => {
    expect(readNftErrors(acknowledgment(3), batch(['a'], 1, 3))).toEqual({
      failures: [],
      rest: '',
    });
    expect(readNftErrors(acknowledgment(2), batch(['a'], 1, 3))).toBeUndefined();
  });

  test('an error before it is the command’s', () => {
    const errors = `Error: syntax error\nadd nonsense\n    ^^^^\n${acknowledgment(1)}`;
    expect(readNftErrors(errors, batch(['add nonsense']))).toEqual({
      failures: [{ command: 'add nonsense', message: 'syntax error' }],
      rest: '',
    });
  });
});

/** A stand-in tool that refuses what begins with "bad" and acknowledges by "ack N". */
const sh = (script: string): ToolDialect => ({
  command: 'sh',
  args: ['-c', script],
  acknowledgment: (number) => `ack ${number}`,
  read: (errors, { number }) => {
    const end = errors.indexOf(`ack ${number}\n`);
    if (end === -1) return undefined;
    const bad = errors.slice(0, end).split('\n').filter(Boolean);
    const failures = bad.map((command) => ({ command, message: 'refused' }));
    return { failures, rest: errors.slice(end + `ack ${number}\n`.length) };
  },
});
const ECHO = 'while read -r line; do case "$line" in bad*|ack*) echo "$line" >&2;; esac; done';

describe('a tool kept open', () => {
  test('many batches under way are told apart', async () => {
    const pipe = new ToolPipe(sh(ECHO));
    const results = await Promise.all([
      pipe.run(['good']),
      pipe.run(['bad one', 'good', 'bad two']),
      pipe.run([]),
    ]);
    expect(results.map((failures) => failures.map(({ command }) => command))).toEqual([
      [],
      ['bad one', 'bad two'],
      [],
    ]);
    pipe.close();
  });

  test('a tool that ends is started again by the next command', async () => {
    const pipe = new ToolPipe(sh(`read -r line; echo "last words" >&2; exit 3`));
    await expect(pipe.run(['one'])).rejects.toThrow(/ended \(3\): last words/);
    await expect(pipe.run(['two'])).rejects.toThrow(/ended \(3\)/);
    pipe.close();
  });

  test('a tool that is renewed takes what comes next in a process of its own', async () => {
    const answer = 'case "$line" in ack*) echo "$line";; *) echo "line $n";; esac >&2';
    const numbered = new ToolPipe(sh(`n=0; while read -r line; do n=$((n + 1)); ${answer}; done`));
    const said = async () => (await numbered.run(['any'])).map(({ command }) => command);
    expect(await said()).toEqual(['line 1']);
    expect(await said()).toEqual(['line 3']);
    numbered.renew();
    expect(await said()).toEqual(['line 1']);
    numbered.close();
  });

  test('a tool is woken by a line that does nothing, which counts as one, and not again so soon', async () => {
    const answer = 'case "$line" in idle) ;; ack*) echo "$line";; *) echo "line $n";; esac >&2';
    const firstLines: number[] = [];
    const { read, ...words } = sh(`n=0; while read -r line; do n=$((n + 1)); ${answer}; done`);
    const pipe = new ToolPipe({
      ...words,
      idle: 'idle',
      read: (errors, batch) => {
        firstLines.push(batch.firstLine);
        return read(errors, batch);
      },
    });
    const said = async () => (await pipe.run(['any'])).map(({ command }) => command);
    pipe.wake(); // nobody runs yet
    expect(await said()).toEqual(['line 1']);
    pipe.wake();
    pipe.wake();
    expect(await said()).toEqual(['line 4']);
    expect(new Set(firstLines)).toEqual(new Set([1, 4]));
    pipe.close();
  });

  test('a tool that is not there is an error with its cause', async () => {
    const pipe = new ToolPipe({ ...sh(''), command: 'no-such-tool' });
    await expect(pipe.run(['one'])).rejects.toMatchObject({
      message: 'no-such-tool cannot be run',
      cause: { code: 'ENOENT' },
    });
    pipe.close();
    await expect(pipe.run(['one'])).rejects.toThrow(/is closed/);
  });
});
