/**
 * The election of the designated router and its backup on a link (RFC 2328 9.4). Pure: from what
 * every eligible router declares, who is elected. Who was there first stays: a router that already
 * declares itself is preferred to any priority.
 * @module
 */

/** A router that takes part: Router Priority above 0, bidirectional communication. */
export interface Candidate {
  readonly routerId: number;
  readonly priority: number;
  /** The Router IDs it declares in its Hellos, 0 for none. */
  readonly designatedRouter: number;
  readonly backupDesignatedRouter: number;
}

/** Router IDs, 0 for none. */
export interface Elected {
  readonly designatedRouter: number;
  readonly backupDesignatedRouter: number;
}

/** Highest Router Priority, then highest Router ID; 0 when there is nobody. */
function best(candidates: readonly Candidate[]): number {
  let winner: Candidate | undefined;
  for (const candidate of candidates) {
    const better =
      winner === undefined ||
      candidate.priority > winner.priority ||
      (candidate.priority === winner.priority && candidate.routerId > winner.routerId);
    if (better) winner = candidate;
  }
  return winner?.routerId ?? 0;
}

function electOnce(candidates: readonly Candidate[]): Elected {
  const declaresDesignated = (c: Candidate): boolean => c.designatedRouter === c.routerId;
  const declaresBackup = (c: Candidate): boolean => c.backupDesignatedRouter === c.routerId;
  // (2) Who declares itself designated router cannot become backup.
  const forBackup = candidates.filter((c) => !declaresDesignated(c));
  const declaredBackups = forBackup.filter(declaresBackup);
  const backup = best(declaredBackups.length > 0 ? declaredBackups : forBackup);
  // (3) Nobody declares itself designated router: the backup is promoted.
  const declared = candidates.filter(declaresDesignated);
  return {
    designatedRouter: declared.length > 0 ? best(declared) : backup,
    backupDesignatedRouter: backup,
  };
}

/**
 * Elects among ourselves and the neighbors.
 * @param self - ourselves with what we declared so far, priority 0 when not eligible.
 * @param others - neighbors in state TwoWay or greater.
 */
export function elect(self: Candidate, others: readonly Candidate[]): Elected {
  const eligible = (candidate: Candidate): boolean => candidate.priority > 0;
  // (1) The values before are in `self`.
  const first = electOnce([self, ...others].filter(eligible));
  const isNow = (elected: Elected): string =>
    elected.designatedRouter === self.routerId
      ? 'DR'
      : elected.backupDesignatedRouter === self.routerId
        ? 'Backup'
        : 'DROther';
  // (4) When that changed what we are, once more with our new declaration.
  if (isNow(first) === isNow(self)) return first;
  return electOnce([{ ...self, ...first }, ...others].filter(eligible));
}
