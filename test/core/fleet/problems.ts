import { RekeyError } from '../../../lib/core/errors.ts';
import { parseFleetText } from '../../../lib/wiring/fleet-file.ts';

/** A fleet file with one target. */
export const healthy = `fleet: acme
targets:
  - name: app
    provider: ionos
    admin: admin/ionos
    params:
      registryId: r1
`;

/** The problems that parsing a fleet file reports, one per line of the error. */
export function problemsIn(
  text: string,
  providers: Parameters<typeof parseFleetText>[1],
): readonly string[] {
  try {
    parseFleetText(text, providers);
    return [];
  } catch (error) {
    if (error instanceof RekeyError && error.code === 'bad-fleet') return error.message.split('\n');
    throw error;
  }
}
