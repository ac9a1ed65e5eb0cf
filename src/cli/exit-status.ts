/**
 * Exit statuses that all verbs share: 0 when all is well, 1 when what was looked at is not as it
 * should be, or no daemon answers or does as it is told, 2 when it could not be looked at: a command
 * line, file or configuration that cannot be used.
 * @module
 */
import type { CommanderError } from 'commander';

/** For a command line that ended the parsing: 0 after help and version, otherwise 2. */
export const usageStatus = ({ exitCode }: CommanderError): number => (exitCode === 0 ? 0 : 2);
