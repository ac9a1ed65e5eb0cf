/**
 * `npm start`: sets the clone up and runs the demonstration farm; arguments go through.
 */
import { build, install } from './setup.mjs';

install();
build();
process.argv.splice(2, 0, 'demo');
await import('../dist/cli/main.js');
