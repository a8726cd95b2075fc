import type { Outage } from './happenings.ts';
import type { World } from './world.ts';

const always = Number.POSITIVE_INFINITY;

/** Begins an outage. `over` ends it, without affecting other outages. */
export function begin({ vendor, aws, release }: World, of: Outage): { over(): void } {
  switch (of) {
    case 'vendor':
      vendor.faults.next(/./, { status: 503 }, always);
      break;
    case 'admin':
      vendor.faults.next(/./, { status: 401 }, always);
      break;
    case 'registry':
      vendor.registryFaults.next(/./, { status: 503 }, always);
      break;
    case 'registry refuses':
      // it still names its token server, and refuses every login
      vendor.registryFaults.next(/^\w+ (?!\/v2\/$)/, { status: 401 }, always);
      break;
    case 'bus':
      aws.faults.next('events.PutEvents', { error: 'InternalException' }, always);
      break;
    case 'release':
      release.broken = true;
  }
  return {
    over() {
      release.broken = false;
      for (const faults of [vendor.faults, vendor.registryFaults, aws.faults]) faults.clear();
    },
  };
}

/** An error from a bug in a release. */
export class BadRelease extends TypeError {}
