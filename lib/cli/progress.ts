import { type Reason, rollbackCandidate } from '../core/decide/index.ts';
import type { InboundType } from '../core/events/index.ts';
import {
  changed,
  failed,
  fateOf,
  find,
  heldBack,
  hint,
  type Look,
  type Progress,
} from './signs.ts';

export type { Progress } from './signs.ts';

/** The progress of a request, from the ledger before it and the ledger now. */
export const progress = (type: InboundType, look: Look): Progress => kinds[type](look);

function rotation(look: Look): Progress {
  const { before, after } = look;
  const old = find(before, before.current);
  const base = find(after, before.current);
  const repeated = old?.requested && !(old.backoff && old.backoff.at >= old.requested.at);
  const written = base?.requested && (changed(old?.requested?.at, base.requested.at) || repeated);
  const seen = successor(look, 'requested', Boolean(written));
  if (seen.end || !seen.announced) return seen;
  const steps = old?.credential
    ? [`previous credential ${old.credential.id} ${fateOf(look, old)?.text ?? 'is revoked next'}`]
    : [];
  return { ...seen, steps: [...seen.steps, ...steps], end: done };
}

function compromise(look: Look): Progress {
  const { before, after } = look;
  const leaked = before.versions.flatMap((version) =>
    version.credential ? [{ version, id: version.credential.id }] : [],
  );
  const reported = changed(before.reportedAt, after.reportedAt);
  const seen = successor(look, 'compromised', reported);
  if (seen.end) return seen;
  const fates = leaked.map(({ version, id }) => ({ id, fate: fateOf(look, version) }));
  // the end of a live credential is certain only after the report and the promotion
  const ends = fates.flatMap(({ id, fate }) =>
    fate && (fate.dead || seen.announced) ? [`credential ${id} ${fate.text}`] : [],
  );
  const steps = [...seen.steps, ...ends];
  const failing = fates.find(({ fate }) => fate?.failed);
  if (failing)
    return {
      ...seen,
      steps,
      end: { done: false, message: hint(look, `credential ${failing.id} is still alive`) },
    };
  const over = seen.announced && !after.current?.compromisedAt && fates.every(({ fate }) => fate);
  return { ...seen, steps, ...(over && { end: done }) };
}

function rollback(look: Look): Progress {
  const { target, before, after, since } = look;
  const to = before.current?.rollback?.to ?? rollbackCandidate(target, before, since)?.id;
  const base = find(after, before.current);
  const { current, pending } = after;
  const restored = current && current.id === to;
  const candidate = pending && !pending.current && pending.id === to;
  const accepted = Boolean(look.accepted || base?.rollback || candidate || restored);
  const steps = accepted ? ['accepted'] : [];
  if (restored) {
    steps.push(`promoted again: version ${current.id}, credential ${current.credential?.id}`);
    if (current.pending) return { steps, accepted };
    const fate = base && fateOf(look, base);
    const left = base?.credential && fate ? [`credential ${base.credential.id} ${fate.text}`] : [];
    return { steps: [...steps, 'announced', ...left], accepted, end: done };
  }
  if (candidate) steps.push(`version ${pending.id} is a candidate again`);
  const failure = failed(look, base?.backoff);
  if (failure) return { steps, accepted, end: { done: false, message: failure } };
  const overtaken = current?.id !== before.current?.id;
  const refused = look.accepted && !base?.rollback && !candidate;
  if (overtaken || refused) {
    const why = overtaken
      ? 'another version was promoted instead'
      : 'the previous credential no longer qualifies';
    return { steps, accepted, end: { done: false, message: hint(look, `refused: ${why}`) } };
  }
  return { steps, accepted };
}

const done = { done: true, message: 'done' } as const;

const kinds: Readonly<Record<InboundType, (look: Look) => Progress>> = {
  'Rotation Requested': rotation,
  'Credential Compromised': compromise,
  'Compromise Confirmed': compromise,
  'Rollback Requested': rollback,
};

/** The progress of a successor, for both kinds of rotation: issued, promoted, announced. */
function successor(
  look: Look,
  reason: Reason,
  written: boolean,
): Progress & { readonly announced: boolean } {
  const { before, after } = look;
  const { current, pending } = after;
  const promoted = current?.credential && current.id !== before.current?.id ? current : undefined;
  const candidate = pending && !pending.current ? pending : undefined;
  const issued = candidate && candidate.id !== before.pending?.id;
  const accepted = Boolean(look.accepted || written || issued || promoted);
  const announced = Boolean(promoted && !promoted.pending);
  const steps = accepted ? ['accepted'] : [];
  const base = find(after, before.current);
  if (after.started && !before.started) steps.push('Secrets Manager was asked to rotate');
  if (candidate)
    steps.push(`candidate stored: version ${candidate.id}, credential ${candidate.credential?.id}`);
  if (promoted)
    steps.push(`promoted: version ${promoted.id}, credential ${promoted.credential?.id}`);
  if (announced) steps.push('announced');
  if (promoted) return { steps, accepted, announced };
  const failure = failed(look, base?.backoff);
  if (failure) return { steps, accepted, announced, end: { done: false, message: failure } };
  const held = accepted && !candidate ? heldBack(look, reason) : undefined;
  return { steps, accepted, announced, ...(held && { held }) };
}
