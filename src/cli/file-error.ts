/**
 * Faults of files, as Node reports them.
 * @module
 */

/** Whether the machine says that a file cannot be read: its own fault, not ours. */
export const isFileError = (error: unknown): error is NodeJS.ErrnoException =>
  typeof error === 'object' && error !== null && 'syscall' in error && 'message' in error;
