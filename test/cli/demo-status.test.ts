import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';

const root = join(__dirname, '..', '..');

beforeAll(() => {
  execFileSync(process.execPath, [join(root, 'tools', 'setup.mjs'), '--build']);
}, 60_000);

test('a duration too short for the scenario is a command line that cannot be used', () => {
  const words = ['demo', '--scenario', 'congestion', '--duration', '20'];
  const main = join(root, 'dist', 'cli', 'main.js');
  const { status, stderr } = spawnSync(process.execPath, [main, ...words], { encoding: 'utf8' });
  expect(stderr).toContain('--duration: found 20, allowed with congestion is 30 or more');
  expect(status).toBe(2);
});
