import * as z from 'zod';
import { type Account, now } from '../account.ts';
import { invalidParameter, limitExceeded, notFound } from '../aws-error.ts';
import { operation } from '../operation.ts';
import type { SecretState } from '../state.ts';
import { findWritable, secretId } from './secret.ts';

/** Quota of staging labels over all versions of a secret. */
const LABEL_LIMIT = 20;

/** The label of the version that GetSecretValue returns by default. */
export const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';
/** The label of the version that a rotation is about to make current. */
export const PENDING = 'AWSPENDING';

/** A staging label, 1 to 256 characters. */
export const stageName = z.string().min(1).max(256);

/** Staging label → the one version that carries it. */
export type Stages = ReadonlyMap<string, string>;

/** All staging labels of a secret, each with the id of its version. */
export const stagesOf = ({ versions }: SecretState): Stages =>
  new Map(versions.flatMap(({ id, stages }) => stages.map((stage) => [stage, id] as const)));

/**
 * The labels after one was attached, from any other version. AWSPREVIOUS follows AWSCURRENT to the
 * version that AWSCURRENT left.
 */
export function attached(stages: Stages, label: string, to: string): Stages {
  const from = stages.get(label);
  if (from === to) return stages;
  const next = new Map(stages).set(label, to);
  return label === CURRENT && from !== undefined ? next.set(PREVIOUS, from) : next;
}

/** The labels without one of them. Unlike `attached`, it changes no other label. */
export function removed(stages: Stages, label: string): Stages {
  const next = new Map(stages);
  next.delete(label);
  return next;
}

/** Throws before anything is changed. */
export function checkLimit(before: Stages, after: Stages): void {
  if (after.size > LABEL_LIMIT && after.size > before.size) {
    throw limitExceeded('You exceeded the maximum number of staging labels allowed on a secret.');
  }
}

/** Writes the labels to the versions. `time`, in milliseconds, becomes the LastChangedDate. */
export function commit(secret: SecretState, stages: Stages, time: number): void {
  for (const version of secret.versions) {
    version.stages = [...stages].filter(([, id]) => id === version.id).map(([label]) => label);
  }
  secret.changedAt = time;
}

const versionId = z.string().min(32).max(64).optional();

/**
 * UpdateSecretVersionStage: moves or removes one label. Throws InvalidParameterException if
 * RemoveFromVersionId does not name the version that has the label, and for removing AWSCURRENT;
 * ResourceNotFoundException for an unknown version.
 */
export const updateSecretVersionStage = (account: Account) =>
  operation(
    z.object({
      SecretId: secretId,
      VersionStage: stageName,
      RemoveFromVersionId: versionId,
      MoveToVersionId: versionId,
    }),
    ({ SecretId, VersionStage: label, RemoveFromVersionId: from, MoveToVersionId: to }) => {
      const secret = findWritable(account, SecretId);
      if (from === undefined && to === undefined) {
        throw invalidParameter('You must specify RemoveFromVersionId, MoveToVersionId, or both.');
      }
      for (const id of [from, to]) {
        if (id !== undefined && !secret.versions.some((version) => version.id === id)) {
          throw notFound(`Secrets Manager can't find the specified secret version: ${id}.`);
        }
      }
      const stages = stagesOf(secret);
      checkMove(label, stages.get(label), from, to);
      const next = to === undefined ? removed(stages, label) : attached(stages, label, to);
      checkLimit(stages, next);
      commit(secret, next, now(account));
      return { ARN: secret.arn, Name: secret.name };
    },
  );

function checkMove(
  label: string,
  holder: string | undefined,
  from: string | undefined,
  to: string | undefined,
): void {
  if (from === undefined && holder !== undefined && holder !== to) {
    throw invalidParameter(
      [
        `The parameter RemoveFromVersionId can't be empty. Staging label ${label} is currently`,
        `attached to version ${holder}, so you must explicitly reference that version in`,
        'RemoveFromVersionId.',
      ].join(' '),
    );
  }
  if (from !== undefined && holder !== from) {
    throw invalidParameter(
      `Staging label ${label} isn't attached to the version in RemoveFromVersionId.`,
    );
  }
  if (to === undefined && label === CURRENT) {
    throw invalidParameter(
      [
        `You can only move staging label ${CURRENT} to a different secret version. It can't be`,
        'completely removed.',
      ].join(' '),
    );
  }
}
