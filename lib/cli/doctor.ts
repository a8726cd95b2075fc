import { diagnose, type Finding } from '../core/jobs/diagnose.ts';
import { MINUTE } from '../core/time.ts';
import { type Context, printJson, targetNamed } from './context.ts';

const marks: Readonly<Record<Finding['outcome'], string>> = {
  ok: 'ok   ',
  wrong: 'WRONG',
  unknown: '?    ',
};

/**
 * `rekey doctor [NAME]`: checks that each admin credential is valid and has the rights it needs,
 * that the objects named by the parameters exist, and that the registry is reachable. Changes
 * nothing. Returns true if it found nothing wrong.
 */
export async function doctor(
  context: Context,
  { name, json }: { readonly name?: string | undefined; readonly json: boolean },
): Promise<boolean> {
  const { fleet, engine, print, ownProviders = [] } = context;
  const targets = name ? [targetNamed(context, name)] : fleet.targets;
  if (!json && ownProviders.length > 0) print(`own providers: ${ownProviders.join(', ')}`);
  const reports: {
    readonly target: string;
    readonly provider: string;
    readonly findings: readonly Finding[];
  }[] = [];
  for (const target of targets) {
    const findings = await diagnose(engine, target, AbortSignal.timeout(2 * MINUTE));
    reports.push({ target: target.name, provider: target.provider, findings });
    if (json) continue;
    print(`${target.name} (${target.provider})`);
    for (const { outcome, about, message } of findings)
      print(`  ${marks[outcome]}  ${about}: ${message}`);
  }
  if (json)
    printJson(print, {
      fleet: fleet.id,
      at: engine.clock.now().toISOString(),
      ownProviders,
      targets: reports,
    });
  return reports.every(({ findings }) => findings.every(({ outcome }) => outcome !== 'wrong'));
}
