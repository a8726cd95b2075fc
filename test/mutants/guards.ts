/** A guard of the code, how it is broken, and the tests of which one has to turn red. */
export interface Guard {
  readonly name: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly code: string;
  readonly broken: string;
  /** Where two guards stand one behind the other: broken too. */
  readonly also?: Pick<Guard, 'file' | 'code' | 'broken'>;
  readonly tests: readonly string[];
}

const engine = (name: string) => `test/engine/${name}.test.ts`;

/** What the promises rest on. Each was put there against a loss that a test can show. */
export const guards: readonly Guard[] = [
  {
    name: 'the successor’s id is derived, not drawn',
    file: 'lib/core/label.ts',
    code: "uuidv5(['successor', secretArn, version, String(attempt)])",
    broken: "uuidv5(['successor', secretArn, version, String(attempt), String(Math.random())])",
    tests: ['test/core/words.test.ts', engine('race')],
  },
  {
    name: 'find before issue: what a crash left is revoked',
    file: 'lib/core/reconcile/rotate.ts',
    code: '  await revokeLeftovers(run, call, version);\n',
    broken: '',
    tests: [engine('crash')],
  },
  {
    name: 'a leftover’s version id is used up before it is revoked',
    file: 'lib/core/reconcile/leftovers.ts',
    code: 'if (!taken && !(await burn(run, version))) {',
    broken: 'if (false) {',
    tests: [engine('race')],
  },
  {
    name: 'proven before promoted',
    file: 'lib/core/reconcile/promote.ts',
    code: '  await proveAccepted(run, login);\n  run.stage',
    broken: '  run.stage',
    tests: [engine('failure')],
  },
  {
    name: 'retire before promote: revoke-after is on the version before AWSCURRENT leaves it',
    file: 'lib/core/reconcile/promote.ts',
    code: '  const retired = await retireVersion(run, current);\n  await record.move(',
    broken: '  const retired = undefined as Date | undefined;\n  await record.move(',
    tests: [engine('crash')],
  },
  {
    name: 'the outbox: AWSPENDING comes off after the event is out',
    file: 'lib/core/reconcile/promote.ts',
    code: '  const { id, expiresAt, issuedAt, reason } = current.credential;\n',
    broken:
      "  const { id, expiresAt, issuedAt, reason } = current.credential;\n  await record.remove('AWSPENDING', current.id);\n",
    tests: [engine('crash')],
  },
  {
    name: 'what lost the race for its version is revoked again',
    file: 'lib/core/reconcile/rotate.ts',
    code: '  if (!versions.some((known) => known.credential?.id === credential.id)) await provider.revoke?.(call, credential);\n',
    broken: '',
    tests: [engine('race')],
  },
  {
    name: 'never revoke what is current',
    file: 'lib/core/ledger.ts',
    code: 'version.credential !== undefined && !version.current && !version.pending;',
    broken: 'version.credential !== undefined && !version.pending;',
    tests: [engine('life'), 'test/core/decide.test.ts'],
  },
  {
    name: 'never revoke what is pending',
    file: 'lib/core/ledger.ts',
    code: 'version.credential !== undefined && !version.current && !version.pending;',
    broken: 'version.credential !== undefined && !version.current;',
    tests: [engine('race'), 'test/core/decide.test.ts'],
  },
  {
    name: 'no revocation on an old view of the secret',
    file: 'lib/core/reconcile/index.ts',
    code: "new Set(['revoke', 'delete', 'discard'])",
    broken: 'new Set([])',
    tests: [engine('race')],
  },
  {
    name: 'not revoked before its grace',
    file: 'lib/core/decide/situation.ts',
    code: 'export function revocationTime(',
    broken:
      'export const revocationTime = (_target: Target, { revokeAfter }: Version) => revokeAfter && ALWAYS;\nfunction unused(',
    tests: [engine('life'), engine('crash')],
  },
  {
    name: 'a revoked credential is proven dead',
    file: 'lib/core/reconcile/revoke.ts',
    code: '    await proveDead(run, { ...login, registry, username, password });\n',
    broken: '',
    tests: [engine('failure'), engine('life')],
  },
  {
    name: 'events have ids that follow from what they tell',
    file: 'lib/core/events/index.ts',
    code: "uuidv5(['event', detailType, data.secretArn, transition])",
    broken: "uuidv5(['event', detailType, data.secretArn, transition, String(Math.random())])",
    tests: [engine('crash')],
  },
  {
    name: 'a failure is written down, so that it is not tried again at once',
    file: 'lib/core/reconcile/failure.ts',
    code: '  await record.replace(labelsOf(version, kind), labels.backoff(kind, version.id, backoff), version.id);\n',
    broken: '',
    tests: [engine('failure')],
  },
  {
    name: 'after five failures a target is paused, and that is told',
    file: 'lib/core/reconcile/failure.ts',
    code: 'failures === PAUSED_AFTER ? [paused] : []',
    broken: '[]',
    tests: [engine('failure')],
  },
  {
    name: 'one version in fifteen minutes',
    file: 'lib/core/decide/rotation.ts',
    code: 'export const MIN_AGE = 15 * MINUTE;',
    broken: 'export const MIN_AGE = 0 * MINUTE;',
    tests: [engine('native'), 'test/core/decide.test.ts'],
  },
  {
    name: 'a roll-back looks again after it has said so',
    file: 'lib/core/reconcile/rollback.ts',
    code: "  await record.attach('AWSPENDING', to);\n  await record.refresh();\n",
    broken: "  await record.attach('AWSPENDING', to);\n",
    tests: [engine('race')],
  },
  {
    name: 'a roll-back that is given up: AWSPENDING goes before the request for it',
    file: 'lib/core/reconcile/revoke.ts',
    code: "    await record.remove('AWSPENDING', candidate.id);\n    if (rolledBack) for (const label of labelsOf(current, 'rollback')) await record.remove(label, current.id);\n",
    broken:
      "    if (rolledBack) for (const label of labelsOf(current, 'rollback')) await record.remove(label, current.id);\n    await record.remove('AWSPENDING', candidate.id);\n",
    also: {
      file: 'lib/core/reconcile/revoke.ts',
      code: 'if (rolledBack || candidate.revokeAfter) {',
      broken: 'if (rolledBack) {',
    },
    tests: [engine('crash')],
  },
  {
    name: 'what somebody took our label off is no leftover while it is current',
    file: 'lib/core/reconcile/leftovers.ts',
    code: 'current?.id === version && !current.credential;',
    broken: 'current?.id === version && !current.credential && version === secretOfNobody;\nconst secretOfNobody = "";',
    tests: [engine('orphans')],
  },
  {
    name: 'no roll-back into a rotation that Secrets Manager has begun',
    file: 'lib/core/reconcile/rollback.ts',
    code: 'record.ledger.started || !possible(run, current)',
    broken: '!possible(run, current)',
    tests: [engine('native')],
  },
  {
    name: 'private addresses are not connected to',
    file: 'lib/http/guard.ts',
    code: 'const wrong = addresses.map(({ address }) => refusal(url, address)).find((one) => one !== undefined);',
    broken: 'const wrong = undefined as Error | undefined;',
    tests: ['test/http/guard.test.ts'],
  },
  {
    name: 'orphans: never one that is in a version',
    file: 'lib/core/orphans.ts',
    code: 'return !record.ledger.versions.some(({ credential }) => credential?.id === id);',
    broken: 'return true;',
    tests: [engine('orphans')],
  },
  {
    name: 'orphans: never one that is younger than the safety age',
    file: 'lib/core/orphans.ts',
    code: '!secret || !version || !oldEnough(engine, found, fleet.orphanAge)',
    broken: '!secret || !version',
    tests: [engine('orphans')],
  },
  {
    name: 'orphans: only those that bear the label of one of our secrets',
    file: 'lib/core/orphans.ts',
    code: '([start]) => found.label.startsWith(start)',
    broken: '() => found.label.startsWith(fleetLabelPrefix(fleet.id))',
    also: {
      file: 'lib/core/label.ts',
      code: '  if (!label.startsWith(prefix)) return undefined;\n  const digits = label.slice(prefix.length);\n',
      broken: '  const digits = label.slice(-32 + prefix.length * 0);\n',
    },
    tests: [engine('orphans')],
  },
  {
    name: 'health: one refusal is not believed',
    file: 'lib/core/decide/rotation.ts',
    code: 'export const UNHEALTHY = 2;',
    broken: 'export const UNHEALTHY = 1;',
    tests: [engine('health')],
  },
  {
    name: 'health: no verdict is no refusal',
    file: 'lib/core/reconcile/health.ts',
    code: "if (outcome === 'refused') return refused(",
    broken: "if (outcome !== 'accepted') return refused(",
    tests: [engine('health')],
  },
  {
    name: 'a new version is announced when its replicas have it',
    file: 'lib/core/reconcile/replicas.ts',
    code: '  if (!record.snapshot?.replicas) return [];',
    broken: '  if (Date.now() > 0) return [];',
    tests: [engine('replicas')],
  },
  {
    name: 'native: a step that comes twice finds it done',
    file: 'lib/core/reconcile/native.ts',
    code: '    if (candidate.credential) return;\n    if (candidate.burnt)',
    broken: '    if (candidate.burnt)',
    also: {
      file: 'lib/core/reconcile/native.ts',
      code: "step === 'createSecret' && !candidate.credential",
      broken: "step === 'createSecret' && Date.now() < 0",
    },
    tests: [engine('native')],
  },
  {
    name: 'native: Secrets Manager is not asked in a hot loop',
    file: 'lib/core/decide/rotation.ts',
    code: "  hold(askedUntil(ledger.current), 'asked');\n",
    broken: '',
    tests: [engine('native')],
  },
  {
    name: 'retire: a placeholder is current before the last credential is revoked',
    file: 'lib/core/reconcile/vacate.ts',
    code: "  await record.move('AWSCURRENT', current.id, id);\n",
    broken: '',
    tests: [engine('retire')],
  },
  {
    name: 'a secret does not print itself',
    file: 'lib/core/secret.ts',
    code: '  toJSON(): string {\n    return MASK;',
    broken: '  toJSON(): string {\n    return this.#value;',
    tests: ['test/core/words.test.ts', engine('canary')],
  },
  {
    name: 'the log tells of an error its class, and nothing that others wrote',
    file: 'functions/log.ts',
    code: "message: 'failed unexpectedly' };",
    broken: 'message: String((error as Error).message) };',
    tests: ['test/functions/telemetry.test.ts'],
  },
  {
    name: 'what is not begun for want of time goes back to the queue',
    file: 'functions/reconcile.ts',
    code: 'context.getRemainingTimeInMillis() - RESERVE',
    broken: 'context.getRemainingTimeInMillis()',
    tests: ['test/functions/functions.test.ts'],
  },
  {
    name: 'an answer is read within bounds',
    file: 'lib/http/client.ts',
    code: 'if (size > maxBytes) throw',
    broken: 'if (size < 0) throw',
    tests: ['test/http/client.test.ts'],
  },
  {
    name: 'sweep: of an account that is down one target goes, the others wait',
    file: 'lib/core/accounts.ts',
    code: 'down.has(accountOf(target)) && needsProvider.has(decision.action)',
    broken: 'down.size < 0 && accountOf(target) === decision.action && needsProvider.size > 0',
    tests: ['test/core/accounts.test.ts'],
  },
  {
    name: 'sweep: what most are refused together is not believed',
    file: 'lib/core/doubt.ts',
    code: 'no >= TOGETHER && no > yes',
    broken: 'no >= TOGETHER * 1000 && no > yes',
    tests: ['test/core/registry-outage.test.ts'],
  },
  {
    name: 'sweep: what was refused long ago is asked again',
    file: 'lib/core/doubt.ts',
    code: '(!most && !stale)',
    broken: '(!most && (!stale || stale))',
    tests: ['test/core/doubt.test.ts'],
  },
  {
    name: 'sweep: a worker believes no refusal that it was not told to',
    file: 'functions/reconcile.ts',
    code: 'const doubted = !believed;',
    broken: 'const doubted = believed && !believed;',
    tests: ['test/functions/believed.test.ts'],
  },
  {
    name: 'sweep: a message that can never be worked off holds up nobody',
    file: 'functions/reconcile.ts',
    code: "return 'the message is not one of rekey’s';",
    broken: "throw new Error('the message is not one of rekey’s');",
    tests: ['test/functions/functions.test.ts'],
  },
  {
    name: 'sweep orphans: what the next rotation is given again is left to it',
    file: 'lib/core/orphans.ts',
    code: 'if (capabilities.readAgain && successors(',
    broken: 'if (!capabilities.list && capabilities.readAgain && successors(',
    tests: [engine('orphans')],
  },
  {
    name: 'sweep orphans: one that is not ended keeps no other alive',
    file: 'lib/core/orphans.ts',
    code: "'admin-refused', 'throttled', 'unreachable'",
    broken: "'admin-refused', 'throttled', 'unreachable', 'provider-failed'",
    tests: [engine('orphans')],
  },
  {
    name: 'sweep: a removal that was written down and not told is told again',
    file: 'lib/core/removed.ts',
    code: '!current.retired && age >= AGAIN_AFTER',
    broken: '!current.retired && age < 0 && age >= AGAIN_AFTER',
    tests: [engine('removed')],
  },
];
