import { CommanderError } from 'commander';
import { OWN_ERROR } from '../context.ts';

/** The command cannot do this: exit status 1. */
export const refused = (message: string): CommanderError =>
  new CommanderError(1, `${OWN_ERROR}init`, message);

/** The flags are wrong or incomplete: exit status 2. */
export const misused = (message: string): CommanderError =>
  new CommanderError(2, `${OWN_ERROR}init`, message);
