/**
 * Faults of files, as Node reports them.
 * @module
 */

/** Whether the machine says that a file cannot be read: its own fault, not ours. */
export const isFileError = (error: unknown): error is NodeJS.ErrnoException =>
  typeof error === 'object' && error !== null && 'syscall' in error && 'message' in error;

/** What the machine says of a file; without its name, where that was said before. */
export const fileErrorText = (error: NodeJS.ErrnoException, file: string): string =>
  error.path === file ? error.message.replace(`, ${error.syscall} '${file}'`, '') : error.message;
