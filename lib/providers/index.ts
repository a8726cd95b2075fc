import type { Provider } from '../core/ports.ts';
import { deepgram } from './deepgram.ts';
import { digitalocean } from './digitalocean.ts';
import { ionos } from './ionos.ts';

/** Every provider by the name it has in a fleet file. */
export const providers: Readonly<Record<string, Provider>> = {
  deepgram,
  digitalocean,
  ionos,
};
